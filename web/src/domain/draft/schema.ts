/** What the server's schema says of a key: its fields, its values, its description. */

import type { Schema } from "./catalogue";

/** The server describes each kind of mapping alone; here they are put into one another as a pipeline does. */
export function schemaOfPipeline(answer: Schema): Schema {
  const kinds = answer.$defs ?? {};
  const ref = (kind: string): Schema => ({ $ref: `#/$defs/${kind}` });
  const each = (...of: string[]): Schema => ({ additionalProperties: { anyOf: of.map(ref) } });
  const steps = Object.keys(kinds).filter((kind) => kind.endsWith("step"));
  const inner: Readonly<Record<string, Schema>> = {
    inputs: each("input"),
    outputs: each("output"),
    jobs: each(...steps),
    component: ref("pipeline component"),
    ...Object.fromEntries(
      ["settings", "limits", "resources", "retry", "queue_settings", "distribution"].map((kind) => [kind, ref(kind)]),
    ),
  };
  const linked = (schema: Schema): Schema => ({
    ...schema,
    properties: Object.fromEntries(
      Object.entries(schema.properties ?? {}).map(([key, field]) => [
        key,
        inner[key] === undefined ? field : { ...field, allOf: [inner[key]] },
      ]),
    ),
  });
  const $defs = Object.fromEntries(Object.entries(kinds).map(([kind, schema]) => [kind, linked(schema)]));
  return { ...linked(answer), $defs };
}

/** What stands behind some keys; every way to read it that the schema leaves open. */
export function schemasAt(root: Schema, path: readonly (string | number)[]): Schema[] {
  let now = opened(root, root);
  for (const key of path) {
    now = now.flatMap((schema) => below(root, schema, key)).flatMap((schema) => opened(root, schema));
  }
  return now;
}

function below(root: Schema, schema: Schema, key: string | number): Schema[] {
  if (typeof key === "number") {
    return typeof schema.items === "object" ? [schema.items] : [];
  }
  const own = schema.properties?.[key];
  if (own !== undefined) {
    return [own];
  }
  return typeof schema.additionalProperties === "object" ? opened(root, schema.additionalProperties) : [];
}

/** A schema without references and choices: each of what it may be. */
function opened(root: Schema, schema: Schema, depth = 0): Schema[] {
  if (depth > 8) {
    return [];
  }
  const name = schema.$ref?.replace(/^#\/\$defs\//, "");
  const target =
    name === undefined ? undefined : root.$defs?.[decodeURIComponent(name).replaceAll("~1", "/").replaceAll("~0", "~")];
  const choices = [
    ...(target === undefined ? [] : [target]),
    ...(schema.anyOf ?? []),
    ...(schema.oneOf ?? []),
    ...(schema.allOf ?? []),
  ];
  const { $ref: _, anyOf: __, oneOf: ___, allOf: ____, ...own } = schema;
  return [...(Object.keys(own).length > 0 ? [own] : []), ...choices.flatMap((one) => opened(root, one, depth + 1))];
}

export interface FieldOf {
  name: string;
  description: string;
  type: string;
  isRequired: boolean;
  default: unknown;
}

/**
 * The fields that a mapping may have, required ones first, else in the schema's order.
 *
 * *isMeant* chooses among the kinds of mapping that may stand there, by title.
 */
export function fieldsAt(
  root: Schema,
  path: readonly (string | number)[],
  isMeant: (title: string) => boolean = () => true,
): FieldOf[] {
  const found = new Map<string, FieldOf>();
  const kinds = schemasAt(root, path).filter((one) => one.properties !== undefined && isMeant(one.title ?? ""));
  for (const schema of kinds) {
    for (const [name, field] of Object.entries(schema.properties ?? {})) {
      // Of several kinds, only what each of them needs is needed.
      const isRequired = kinds.every((one) => one.required?.includes(name) ?? false);
      found.set(name, found.get(name) ?? fieldOf(root, name, field, isRequired));
    }
  }
  return [...found.values()].sort((a, b) => Number(b.isRequired) - Number(a.isRequired));
}

function fieldOf(root: Schema, name: string, schema: Schema, isRequired: boolean): FieldOf {
  const all = opened(root, schema);
  const first = <Value>(of: (one: Schema) => Value | undefined): Value | undefined =>
    all.map(of).find((one) => one !== undefined);
  const types = [...new Set(all.flatMap((one) => one.type ?? []))].filter((type) => type !== "null");
  const words = schema["x-type"] ?? types.join(" or ");
  return {
    name,
    description: first((one) => one.description) ?? "",
    type: words,
    isRequired,
    default: schema["x-default"] ?? first((one) => one.default),
  };
}

/** The values that the schema lists for a key. */
export function valuesAt(root: Schema, path: readonly (string | number)[]): unknown[] {
  const found = schemasAt(root, path).flatMap((schema): unknown[] => [
    ...(schema.enum ?? []),
    ...(schema.const === undefined ? [] : [schema.const]),
    ...wordsOf(schema),
  ]);
  return [...new Set(found)].filter((one) => one !== null);
}

// Words of `x-type` that name a type and are no value.
const TYPE_WORDS = new Set(
  "path file folder reference mapping text texts list number URI binding name seconds".split(" "),
);

/** The values that a type in words lists: `low, medium or high`. */
function wordsOf(schema: Schema): unknown[] {
  const words = schema["x-type"];
  if (words === undefined) {
    return [schema.type].flat().includes("boolean") ? [true, false] : [];
  }
  const listed = /^[\w, ]+ or \w+$/.test(words) ? words.split(/, | or /) : [];
  const areValues = listed.every((word) => /^\w+$/.test(word) && !TYPE_WORDS.has(word));
  return areValues ? listed.map((word) => (word === "true" || word === "false" ? word === "true" : word)) : [];
}
