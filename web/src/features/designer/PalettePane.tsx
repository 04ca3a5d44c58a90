import { IconBox, IconDatabase, IconSchema } from "@tabler/icons-react";
import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import type { Palette, PaletteItem } from "../../api/drafts";
import { DRAGGED } from "../../canvas/DraftCanvas";
import { matching } from "../../domain/draft/palette";
import { referenceTo } from "../../domain/draft/version";

interface PalettePaneProps {
  palette: Palette | undefined;
  isReadOnly: boolean;
  onPlace(item: PaletteItem): void;
}

const GROUPS = [
  ["components", "Components"],
  ["data", "Data"],
  ["models", "Models"],
] as const;

/** What there is to build with. Rows are dragged to the canvas, or placed with Enter. */
export function PalettePane({ palette, isReadOnly, onPlace }: PalettePaneProps) {
  const [text, setText] = useState("");
  const list = useRef<HTMLDivElement>(null);
  const found = useMemo(
    () =>
      GROUPS.map(([key, title]) => ({ key, title, items: matching(palette?.[key] ?? [], text) })).filter(
        (group) => group.items.length > 0,
      ),
    [palette, text],
  );
  const step = (event: KeyboardEvent) => {
    const rows = [...(list.current?.querySelectorAll<HTMLButtonElement>("button") ?? [])];
    const at = rows.indexOf(document.activeElement as HTMLButtonElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
    if (next !== undefined && next >= 0 && next < rows.length) {
      event.preventDefault();
      rows[next]?.focus();
    }
  };
  return (
    <section className="parts-pane" aria-label="Palette" onKeyDown={step}>
      <input
        className="field"
        type="search"
        data-filter
        data-palette
        aria-label="Find in the palette"
        placeholder="Find; in:mltable out:uri_folder tag:a"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          const first = found[0]?.items[0];
          if (event.key === "Enter" && first !== undefined && !isReadOnly) {
            onPlace(first);
          }
        }}
      />
      {palette === undefined ? (
        <p className="muted">Loading</p>
      ) : (
        found.length === 0 && <NothingFound isSearched={text !== ""} />
      )}
      <div className="parts-list" ref={list}>
        {found.map(({ key, title, items }) => (
          <div key={key}>
            <h3>{title}</h3>
            {items.map((item) => (
              <Row key={`${item.kind} ${item.reference}`} item={item} isReadOnly={isReadOnly} onPlace={onPlace} />
            ))}
          </div>
        ))}
      </div>
    </section>
  );
}

function NothingFound({ isSearched }: { isSearched: boolean }) {
  return isSearched ? (
    <p className="muted">Nothing is called so.</p>
  ) : (
    <p className="muted">
      Nothing is registered yet. In a terminal: <code>pipeyard component create --file train.yml</code>
    </p>
  );
}

interface RowProps {
  item: PaletteItem;
  isReadOnly: boolean;
  onPlace(item: PaletteItem): void;
}

function Row({ item, isReadOnly, onPlace }: RowProps) {
  const [version, setVersion] = useState(item.version);
  const isOlder = version !== null && version !== item.version;
  const meant = isOlder
    ? { ...item, version, reference: referenceTo({ ...item, text: item.reference }, version) }
    : item;
  const name = item.display_name ?? item.name;
  const Sign = !isComponent(item) ? IconDatabase : item.type === "pipeline" ? IconSchema : IconBox;
  const hasChoice = item.versions.length > 1 && isComponent(item);
  return (
    <div className="parts-item">
      <button
        type="button"
        className="parts-row"
        draggable={!isReadOnly}
        aria-disabled={isReadOnly}
        title={[item.description, portWords(item)].filter(Boolean).join("\n")}
        onDragStart={(event) => {
          event.dataTransfer.setData(DRAGGED, meant.reference);
          event.dataTransfer.effectAllowed = "copy";
        }}
        onClick={() => !isReadOnly && onPlace(meant)}
      >
        <Sign size={15} aria-hidden="true" className="muted" />
        <span className="parts-name">{name}</span>
        {item.registry !== null && <span className="muted small">{item.registry}</span>}
        {!hasChoice && <span className="muted small">{item.version}</span>}
      </button>
      {hasChoice && (
        <select
          className="parts-version"
          aria-label={`Version of ${name}`}
          value={version ?? ""}
          onChange={(event) => setVersion(event.target.value)}
        >
          {item.versions.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      )}
    </div>
  );
}

const isComponent = ({ kind }: PaletteItem): boolean => kind === "component" || kind === "components";

function portWords(item: PaletteItem): string {
  const words = (ports: PaletteItem["inputs"]) =>
    Object.entries(ports)
      .map(([name, port]) => `${name} (${port.type ?? "any"})`)
      .join(", ");
  const [inputs, outputs] = [words(item.inputs), words(item.outputs)];
  return [inputs && `in: ${inputs}`, outputs && `out: ${outputs}`].filter(Boolean).join("\n");
}
