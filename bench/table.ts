import type { Result } from './rounds.ts';

const heads = ['', 'slipway', 'other', 'ratio', 'goal', '', 'rounds'];

/** The results as one table for people. A goal that was missed is marked, never an error: clocks are no tests. */
export function tableOf(results: readonly Result[]): string {
  const lines = [heads, ...results.map(cellsOf)];
  const widths = heads.map((_, column) => Math.max(...lines.map((cells) => (cells[column] ?? '').length)));
  return lines
    .map((cells) =>
      cells
        .map((cell, column) =>
          column === 0 || column === 5 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const cellsOf = (result: Result): readonly string[] => [
  result.what + (result.against === null ? '' : ` / ${result.against}`),
  shown(result.ours, result.unit),
  result.theirs === null ? '' : shown(result.theirs, result.unit),
  result.ratio === null ? '' : result.ratio.toFixed(2),
  result.goal === null ? '' : `≤ ${result.goal}${result.ratio === null ? ` ${result.unit}` : ''}`,
  verdictOf(result),
  String(result.rounds),
];

function verdictOf({ goal, ratio, ours }: Result): string {
  if (goal === null) return '';
  return (ratio ?? ours) <= goal ? 'met' : 'MISSED';
}

function shown(value: number, unit: Result['unit']): string {
  if (unit === 'ratio') return value.toFixed(2);
  return `${value >= 100 ? Math.round(value) : value.toFixed(1)} ${unit}`;
}
