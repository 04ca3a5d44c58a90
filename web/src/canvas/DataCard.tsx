import { IconDatabase, IconPackageExport } from "@tabler/icons-react";
import { shortened } from "../domain/format";
import type { DataPlace } from "../domain/picture";

/** What comes into the job as data, or what it leaves. */
export function DataCard({ place }: { place: DataPlace }) {
  const Sign = place.kind === "input" ? IconDatabase : IconPackageExport;
  const where = place.port.path ?? place.port.uri ?? "";
  return (
    <div
      className={`data-card ${place.kind}`}
      style={{ left: place.x, top: place.y, width: place.width, height: place.height }}
      title={`${place.kind} ${place.port.name}: ${place.port.type ?? ""} ${where}`}
    >
      <Sign size={15} aria-hidden="true" className="data-sign" />
      {shortened(place.port.name, 20)}
      <span className="muted small">{place.port.type}</span>
    </div>
  );
}
