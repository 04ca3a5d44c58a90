/** What the server's schema says of a key: its fields, its values, its description. */

import type { Schema } from "./catalogue";

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

/** The fields that a mapping may have, required ones first, else in the schema's order. */
export function fieldsAt(root: Schema, path: readonly (string | number)[]): FieldOf[] {
  const found = new Map<string, FieldOf>();
  for (const schema of schemasAt(root, path)) {
    for (const [name, field] of Object.entries(schema.properties ?? {})) {
      if (!found.has(name)) {
        found.set(name, fieldOf(root, name, field, schema.required?.includes(name) ?? false));
      }
    }
  }
  return [...found.values()].sort((a, b) => Number(b.isRequired) - Number(a.isRequired));
}

function fieldOf(root: Schema, name: string, schema: Schema, isRequired: boolean): FieldOf {
  const all = opened(root, schema);
  const first = <Value>(of: (one: Schema) => Value | undefined): Value | undefined =>
    all.map(of).find((one) => one !== undefined);
  const types = [...new Set(all.flatMap((one) => one.type ?? []))].filter((type) => type !== "null");
  return {
    name,
    description: first((one) => one.description) ?? "",
    type: types.join(" or "),
    isRequired,
    default: first((one) => one.default),
  };
}

/** The values that the schema lists for a key. */
export function valuesAt(root: Schema, path: readonly (string | number)[]): unknown[] {
  const found = schemasAt(root, path).flatMap((schema): unknown[] => [
    ...(schema.enum ?? []),
    ...(schema.const === undefined ? [] : [schema.const]),
    ...([schema.type].flat().includes("boolean") ? [true, false] : []),
  ]);
  return [...new Set(found)].filter((one) => one !== null);
}
