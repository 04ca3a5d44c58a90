import { IconX } from "@tabler/icons-react";
import { type FormEvent, useState } from "react";

/** Tags to look at, to add and to remove; each change is saved at once. */
export function TagEditor({
  tags,
  onChange,
}: {
  tags: Record<string, string>;
  onChange(tags: Record<string, string>): void;
}) {
  const [text, setText] = useState("");
  const add = (event: FormEvent) => {
    event.preventDefault();
    const [name = "", ...value] = text.split("=");
    if (name.trim() !== "") {
      onChange({ ...tags, [name.trim()]: value.join("=").trim() });
      setText("");
    }
  };
  const remove = (name: string) => onChange(Object.fromEntries(Object.entries(tags).filter(([key]) => key !== name)));
  return (
    <div className="stack">
      <span className="tags wrapped-tags">
        {Object.entries(tags).map(([name, value]) => (
          <span className="tag" key={name}>
            {name}
            {value !== "" && <span className="muted">{value}</span>}
            <button type="button" className="tag-remove" aria-label={`Remove tag ${name}`} onClick={() => remove(name)}>
              <IconX size={12} aria-hidden="true" />
            </button>
          </span>
        ))}
        {Object.keys(tags).length === 0 && <span className="muted">None.</span>}
      </span>
      <form className="row" onSubmit={add}>
        <input
          className="field"
          value={text}
          onChange={(event) => setText(event.target.value)}
          placeholder="name=value"
          aria-label="New tag, as name=value"
        />
        <button type="submit" className="button">
          Add
        </button>
      </form>
    </div>
  );
}
