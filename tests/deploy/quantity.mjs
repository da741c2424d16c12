// Numbers of manifests and of docs/performance.md.

import { readFileSync } from 'node:fs';

const UNITS = {
  '': 1,
  m: 1e-3,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
};

// Parses a quantity of Kubernetes: quantity('64Mi') is 67108864.
export function quantity(text) {
  const { number, unit } = /^(?<number>[\d.]+)(?<unit>\D*)$/.exec(text).groups;
  if (!(unit in UNITS)) throw new Error(`no unit of Kubernetes: ${text}`);
  return Number(number) * UNITS[unit];
}

export const mib = (text) => quantity(text) / 2 ** 20;

// Returns the seconds that docs/performance.md measured from a kill to the first answer.
export function recoverySeconds() {
  const page = readFileSync(new URL('../../docs/performance.md', import.meta.url), 'utf8');
  return Number(/^\| first answer after a kill[^|]*\| ([\d.]+) s \|/m.exec(page)[1]);
}
