// Runs the unit tests of the cluster's alerts with Prometheus's own promtool.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import { one, renderWith } from './render.mjs';

const tests = fileURLToPath(new URL('cluster_alerts.yaml', import.meta.url));
const promtool = (...args) => spawnSync('promtool', args, { encoding: 'utf8' });
const skip = promtool('--version').error ? 'promtool is not installed' : false;

const { workload } = renderWith('overlays/production', ['admin', 'monitoring']);

// Returns what promtool says of the rules, after `change` has changed them.
function check(change) {
  const spec = structuredClone(one(workload, 'PrometheusRule').spec);
  change(spec.groups[0].rules);
  const directory = mkdtempSync(join(tmpdir(), 'alerts-'));
  try {
    const rules = join(directory, 'rules.yaml');
    writeFileSync(rules, stringify(spec));
    copyFileSync(tests, join(directory, 'tests.yaml'));
    const syntax = promtool('check', 'rules', rules);
    return syntax.status === 0 ? promtool('test', 'rules', join(directory, 'tests.yaml')) : syntax;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

test('each alert fires when it has to, and not when all is well', { skip }, () => {
  const { status, stderr, stdout } = check(() => {});
  assert.equal(status, 0, stdout + stderr);
});

// A rule without its condition fires always; a rule whose condition never holds, never.
const RULES = ['OwoBillingDown', 'OwoBillingRestarts', 'OwoBillingMemoryNearLimit',
  'OwoBillingVolumeFillsUp', 'OwoBillingVolumeAlmostFull'];

for (const name of RULES) {
  for (const [what, expr] of [['never fires', 'vector(1) > 2'], ['always fires', 'vector(1)']]) {
    test(`a rule ${name} that ${what} is reported`, { skip }, () => {
      const { status } = check((rules) => {
        assert.deepEqual(rules.map(({ alert }) => alert), RULES);
        rules.find(({ alert }) => alert === name).expr = expr;
      });
      assert.equal(status, 1);
    });
  }
}
