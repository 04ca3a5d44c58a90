import { Link } from "@tanstack/react-router";
import { KINDS, type Kind } from "../../api/assets";
import { inWorkspace } from "../../app/workspace";
import { parseReference } from "../../domain/asset-reference";

/** A reference to a version as a link to its page; any other text stays text. */
export function AssetLink({ text, kind, workspace }: { text: string; kind?: Kind; workspace: string }) {
  const found = parseReference(text);
  const to = KINDS.find((one) => one === (found?.kind ?? kind));
  if (found === null || to === undefined) {
    return <code>{text}</code>;
  }
  const search = {
    ...inWorkspace(found.registry === null ? workspace : `registry:${found.registry}`),
    ...(found.version === null ? {} : { version: found.version }),
  };
  const which = found.version ?? found.label;
  return (
    <Link to="/assets/$kind/$name" params={{ kind: to, name: found.name }} search={search}>
      {found.name}
      {which !== null && `${found.version === null ? "@" : ":"}${which}`}
      {found.registry !== null && ` in ${found.registry}`}
    </Link>
  );
}
