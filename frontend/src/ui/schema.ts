/** What a settings form needs to know of a JSON Schema: one field for each property. */

/** The parts of JSON Schema that settings use. */
export interface Schema {
  type?: string;
  title?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  const?: unknown;
  minimum?: number;
  maximum?: number;
  exclusiveMinimum?: number;
  exclusiveMaximum?: number;
  anyOf?: Schema[];
  oneOf?: Schema[];
  properties?: Record<string, Schema>;
  $defs?: Record<string, Schema>;
  $ref?: string;
}

interface Base {
  key: string;
  title: string;
  help: string;
  initial: unknown;
}

export type Field = Base &
  (
    | { type: "number"; whole: boolean; lowest: number; highest: number; optional: boolean }
    | { type: "switch" }
    | { type: "choice"; options: string[] }
    | { type: "other" }
  );

const LARGEST = 1e12;

function resolve(schema: Schema, root: Schema): Schema {
  if (!schema.$ref) return schema;
  const name = schema.$ref.split("/").at(-1) ?? "";
  return { ...root.$defs?.[name], ...schema };
}

/** `kernel_size` to `Kernel size`. */
const words = (key: string): string => {
  const text = key.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
};

function field(key: string, given: Schema, root: Schema): Field {
  const schema = resolve(given, root);
  const base: Base = {
    key,
    title: schema.title ?? words(key),
    help: schema.description ?? "",
    initial: schema.default,
  };
  const options = (schema.anyOf ?? schema.oneOf ?? []).map((option) => resolve(option, root));
  const optional = options.some((option) => option.type === "null");
  const real = options.filter((option) => option.type !== "null");
  const core = options.length === 0 ? schema : real.length === 1 ? (real[0] ?? {}) : {};
  if (core.type === "number" || core.type === "integer") {
    const whole = core.type === "integer";
    const nudge = whole ? 1 : Number.MIN_VALUE;
    const lowest = core.minimum ?? (core.exclusiveMinimum === undefined ? -LARGEST : core.exclusiveMinimum + nudge);
    const below = (limit: number): number => (whole ? limit - 1 : limit - Math.max(1e-9, Math.abs(limit) * 1e-9));
    const highest = core.maximum ?? (core.exclusiveMaximum === undefined ? LARGEST : below(core.exclusiveMaximum));
    return { ...base, type: "number", whole, lowest, highest, optional };
  }
  if (core.type === "boolean") return { ...base, type: "switch" };
  if (core.enum) return { ...base, type: "choice", options: core.enum.map(String) };
  return { ...base, type: "other" };
}

export function fieldsOf(schema: Schema): Field[] {
  return Object.entries(schema.properties ?? {}).map(([key, value]) => field(key, value, schema));
}

/** How a number slides: the useful middle of what is allowed; any allowed value can still be typed. */
export function slide(of: { lowest: number; highest: number; whole: boolean; initial: unknown }): {
  min: number;
  max: number;
  log: boolean;
  zero: boolean;
  step: number | undefined;
} {
  const { lowest, highest, whole } = of;
  const initial = typeof of.initial === "number" && of.initial > 0 ? of.initial : undefined;
  const wide = highest > 0 && lowest >= 0 && (initial ? highest / initial >= 1000 : highest >= 10 && !whole);
  if (wide && !whole) {
    const middle = initial ?? Math.min(highest, 0.1) / 1e3;
    return {
      min: Math.max(lowest, middle / 1e3),
      max: Math.min(highest, middle * 1e3),
      log: true,
      zero: !initial,
      step: undefined,
    };
  }
  if (whole) {
    const max = Math.min(highest, Math.max(16, (initial ?? 4) * 8));
    return { min: Math.max(lowest, -max), max, log: false, zero: false, step: 1 };
  }
  return { min: Math.max(lowest, -10), max: Math.min(highest, 10), log: false, zero: false, step: undefined };
}

/** A value in a few characters, for settings that are only shown. */
export function shown(value: unknown): string {
  if (value === null || value === undefined) return "none";
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (Array.isArray(value) && value.length === 0) return "none";
  if (Array.isArray(value) && Array.isArray(value[0])) return `${value.length} × ${value[0].length} numbers`;
  if (Array.isArray(value)) return value.map(shown).join(" × ");
  if (typeof value === "object")
    return Object.entries(value)
      .map(([key, inner]) => `${key} ${shown(inner)}`)
      .join(", ");
  return String(value);
}
