// The systemd unit and its configuration: consistent with each other and with the server, and
// confined.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

const directory = fileURLToPath(new URL('../../deploy/systemd', import.meta.url));
const unit = readFileSync(join(directory, 'owo-billing.service'), 'utf8');
const configuration = parse(readFileSync(join(directory, 'owo-billing.yaml'), 'utf8'));

// The exposure of a unit, from 0 to 100, above which the test fails. What remains: the network, and
// the system calls that set the priority of threads.
const EXPOSURE_MAX = 15;

const setting = (name) => unit.match(new RegExp(`^${name}=(.*)$`, 'm'))?.[1];

// Runs systemd-analyze on the unit with a program that exists; undefined if it is not installed.
function analyze(text, ...args) {
  const place = mkdtempSync(join(tmpdir(), 'systemd-'));
  try {
    const path = join(place, 'owo-billing.service');
    writeFileSync(path, text.replace('/usr/local/bin/owo-billing-server', '/bin/true'));
    const run = spawnSync('systemd-analyze', [...args, path], { encoding: 'utf8' });
    return run.error?.code === 'ENOENT' ? undefined : run;
  } finally {
    rmSync(place, { recursive: true });
  }
}
const installed = spawnSync('systemd-analyze', ['--version']).status === 0;
const options = installed ? {} : { skip: 'systemd is not installed' };

test('the unit is one that systemd understands', options, () => {
  const { status, stderr } = analyze(unit, 'verify', '--man=no');
  assert.equal(stderr, '');
  assert.equal(status, 0);
  assert.notEqual(analyze(unit.replace('Restart=on-failure', 'Restart=x'), 'verify').stderr, '');
});

test('the unit confines the server', options, () => {
  const confined = (text) => {
    const args = ['security', '--offline=true', `--threshold=${EXPOSURE_MAX}`, '--no-pager'];
    const { status, stdout } = analyze(text, ...args);
    assert.match(stdout, /Overall exposure level/);
    return status === 0;
  };
  assert.ok(confined(unit));
  for (const line of ['DynamicUser=yes', 'ProtectSystem=strict', 'SystemCallFilter=@system-service',
    'CapabilityBoundingSet=', 'NoNewPrivileges=yes', 'PrivateDevices=yes', 'PrivateUsers=yes']) {
    assert.ok(unit.includes(`\n${line}\n`), line);
  }
  assert.ok(!confined(unit.replace('CapabilityBoundingSet=\n', '')));
});

test('the data is in the state directory, which only the service can read', () => {
  assert.equal(configuration.data_dir, `/var/lib/${setting('StateDirectory')}`);
  assert.equal(setting('StateDirectoryMode'), '0700');
  assert.ok(setting('ExecStart').endsWith(' --config=/etc/owo-billing/owo-billing.yaml'));
});

test('the memory that the unit allows is what the server takes, and some more', () => {
  const megabytes = Number(setting('MemoryMax').match(/^(\d+)M$/)[1]);
  assert.equal(megabytes, configuration.memory_mib + 128);
});

test('the drain ends before systemd kills', () => {
  assert.ok(Number(setting('TimeoutStopSec')) >= configuration.drain_seconds + 20);
});

test('keys are credentials, and not in the configuration', () => {
  assert.equal(setting('LoadCredential'), 'keys:/etc/owo-billing/keys');
  assert.doesNotMatch(JSON.stringify(configuration), /key|secret|token|password/i);
});
