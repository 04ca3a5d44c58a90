import type { AssetVersion, Kind } from "../../api/assets";

/** What every part of an asset's page is given. */
export interface PartProps {
  kind: Kind;
  asset: AssetVersion;
  workspace: string;
}
