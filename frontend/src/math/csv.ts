/** Curves as a table that any program reads. */

interface Points {
  steps: readonly number[];
  values: readonly number[];
}

/** A line for each step that any curve has, a column for each curve; empty where it has no value. */
export function curvesAsCsv(curves: ReadonlyMap<string, Points>): string {
  const rows = new Map<number, string[]>();
  for (const [column, { steps, values }] of [...curves.values()].entries()) {
    for (const [i, step] of steps.entries()) {
      const row = rows.get(step) ?? new Array<string>(curves.size).fill("");
      row[column] = String(values[i] ?? "");
      rows.set(step, row);
    }
  }
  const lines = [...rows].sort(([a], [b]) => a - b).map(([step, row]) => [step, ...row].join(","));
  return [["step", ...curves.keys()].join(","), ...lines, ""].join("\n");
}
