// The HTTP/2 front as a sidecar and as a unit: valid, confined, and consistent with nginx.conf and the
// server.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { parseAllDocuments } from 'yaml';
import { one } from './render.mjs';
import { podSpec, restrictedViolations } from './restricted.mjs';
import { typeErrors } from './types.mjs';

const SOCKET = 'unix:/run/owo-billing/server.sock';
const EXPOSURE_MAX = 15;  // of 100

const deploy = fileURLToPath(new URL('../../deploy/', import.meta.url));
const read = (path) => readFileSync(join(deploy, path), 'utf8');
const config = read('front/nginx.conf');

// The base with the component, as an overlay would have it.
function render() {
  const place = mkdtempSync(join(tmpdir(), 'front-'));
  try {
    const path = (to) => relative(place, join(deploy, 'kubernetes', to));
    writeFileSync(
      join(place, 'kustomization.yaml'),
      `kind: Kustomization\nnamespace: owo-billing\nresources: [${path('base')}]\n` +
        `components: [${path('components/front')}]\n`,
    );
    const yaml = execFileSync(process.env.KUBECTL, ['kustomize', place], { encoding: 'utf8' });
    return parseAllDocuments(yaml).map((document) => document.toJS());
  } finally {
    rmSync(place, { recursive: true });
  }
}

const documents = render();
const pod = podSpec(one(documents, 'StatefulSet'));
const [server] = pod.containers;
const front = pod.initContainers.find(({ name }) => name === 'front');
const pathsOf = ({ volumeMounts }) => volumeMounts.map(({ mountPath }) => mountPath);

test('front: manifests are valid and restricted', () => {
  assert.deepEqual(typeErrors(documents), []);
  assert.deepEqual(restrictedViolations(documents), []);
});

test('front: it is a sidecar, which outlives the server', () => {
  assert.equal(front.restartPolicy, 'Always');
  assert.match(config, /worker_shutdown_timeout 60s/);
});

test('front: only it reaches the server, and only the server reaches the data', () => {
  assert.ok(server.args.includes(`--listen=${SOCKET}`));
  assert.ok(server.args.includes(`--socket_group=${pod.securityContext.runAsGroup}`));
  assert.equal(server.args.filter((it) => it.startsWith('--allow')).length, 0);
  assert.ok(config.includes(`server ${SOCKET} `));
  for (const container of [server, front]) assert.ok(pathsOf(container).includes('/run/owo-billing'));
  assert.ok(!pathsOf(front).includes('/data'));
  assert.notEqual(front.securityContext.runAsUser, pod.securityContext.runAsUser);
  assert.match(read('front/Dockerfile'), /^USER 10002:10001$/m);
});

test('front: services lead to the port of nginx, which is bounded in memory', () => {
  assert.match(config, /^ +listen 50051 ssl http2;$/m);
  const services = documents.filter(({ kind }) => kind === 'Service');
  assert.ok(services.length > 0);
  for (const { spec } of services) {
    assert.equal(spec.ports[0].port, 50051);
    assert.equal(spec.ports[0].appProtocol, undefined);  // it is not plain text
  }
  assert.equal(front.resources.limits.memory, '256Mi');
  assert.equal(front.resources.requests.memory, '256Mi');
  assert.match(read('systemd/owo-billing-front.service'), /^MemoryMax=256M$/m);
});

test('front: probes ask the server on its socket', () => {
  for (const probe of [server.startupProbe, server.livenessProbe, server.readinessProbe]) {
    assert.equal(probe.grpc, undefined);
    assert.deepEqual(probe.exec.command, ['owo-billing-server', 'health', `--endpoint=${SOCKET}`]);
  }
});

test('front: its config map is nginx.conf, beside which are the certificates', () => {
  assert.equal(one(documents, 'ConfigMap', 'owo-billing-front').data['nginx.conf'], config);
  const { projected } = pod.volumes.find(({ name }) => name === 'front');
  const files = projected.sources.flatMap((it) => it.secret?.items ?? []).map(({ path }) => path);
  for (const file of files) assert.ok(config.includes(` ${file};`), file);
  assert.equal(files.length, 3);
});

const installed = spawnSync('systemd-analyze', ['--version']).status === 0;
const options = installed ? {} : { skip: 'systemd is not installed' };

test('front: the unit is valid and confined', options, () => {
  const place = mkdtempSync(join(tmpdir(), 'front-'));
  const analyze = (change, ...args) => {
    const path = join(place, 'owo-billing-front.service');
    const unit = read('systemd/owo-billing-front.service');
    writeFileSync(path, change(unit.replace('/usr/local/bin/owo-billing-front', '/bin/true')));
    return spawnSync('systemd-analyze', [...args, path], { encoding: 'utf8' });
  };
  try {
    const same = (unit) => unit;
    assert.equal(analyze(same, 'verify', '--man=no').status, 0);
    const security = ['security', '--offline=true', `--threshold=${EXPOSURE_MAX}`, '--no-pager'];
    assert.equal(analyze(same, ...security).status, 0);
    const open = (unit) => unit.replace('CapabilityBoundingSet=\n', '').replace('DynamicUser=yes', '');
    assert.notEqual(analyze(open, ...security).status, 0);
  } finally {
    rmSync(place, { recursive: true });
  }
});
