// The rendered manifests must be valid, restricted, and what deploy/ promises: each overlay as it is,
// with components switched on, and two servers in one namespace.

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { promiseViolations } from './promises.mjs';
import { all, components, one, overlays, render, renderVerify, renderWith } from './render.mjs';
import { podSpec, restrictedViolations } from './restricted.mjs';
import { typeErrors } from './types.mjs';

const SECOND = 'examples/second';
const MONITORED = ['admin', 'monitoring'];
const EVERYTHING = ['admin', 'backup', 'backup-claim', 'keys', 'monitoring', 'tls'];

const deployments = new Map([
  ...overlays.map((name) => [name, render(`overlays/${name}`)]),
  [SECOND, render(SECOND)],
  ...overlays.flatMap((name) => [
    [`${name} with monitoring`, renderWith(`overlays/${name}`, MONITORED)],
    [`${name} with everything`, renderWith(`overlays/${name}`, EVERYTHING)],
  ]),
]);

test('the overlays are development and production', () => {
  assert.deepEqual(overlays.sort(), ['development', 'production']);
});

// The front is tested where it is made.
test('every component is switched on in a test', () => {
  assert.deepEqual(components.filter((name) => name !== 'front').sort(), EVERYTHING);
});

test('every field is one of its API, of its type', () => {
  assert.deepEqual(
    typeErrors(
      [...deployments.values()].flatMap(({ durable, workload }) => [...durable, ...workload]),
    ),
    [],
  );
});

for (const [name, deployment] of deployments) {
  test(`${name}: pods keep to the restricted profile`, () => {
    assert.deepEqual(restrictedViolations(deployment.workload), []);
  });

  test(`${name}: what deploy/ promises holds`, () => {
    assert.deepEqual(promiseViolations(deployment), []);
  });
}

// What `kubectl delete -k` removes is what `kubectl kustomize` renders.
for (const overlay of overlays) {
  test(`${overlay}: deleting the workload leaves the namespace, the ledger and its backups`, () => {
    const { durable, workload } = deployments.get(`${overlay} with everything`);
    assert.deepEqual([...new Set(workload.map(({ kind }) => kind))].sort(), [
      'NetworkPolicy',
      'PodDisruptionBudget',
      'PrometheusRule',
      'Service',
      'ServiceAccount',
      'ServiceMonitor',
      'StatefulSet',
    ]);
    assert.equal(one(workload, 'StatefulSet').spec.volumeClaimTemplates, undefined);
    const claims = podSpec(one(workload, 'StatefulSet')).volumes.flatMap(
      ({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? [],
    );
    assert.deepEqual(claims, ['owo-billing-data', 'owo-billing-backup']);
    for (const claim of claims) one(durable, 'PersistentVolumeClaim', claim);
    one(durable, 'Namespace');
  });
}

test('two servers in one namespace share no name, no claim and no pod', () => {
  const first = deployments.get('production');
  const second = deployments.get(SECOND);
  const names = ({ durable, workload }) =>
    [...durable, ...workload].map(
      ({ kind, metadata }) => `${metadata.namespace}/${kind}/${metadata.name}`,
    );
  const shared = names(first).filter((name) => names(second).includes(name));
  assert.deepEqual(shared, []);

  const labels = ({ workload }) => one(workload, 'StatefulSet').spec.template.metadata.labels;
  const selects = (selector, pod) =>
    Object.entries(selector).every(([name, value]) => pod[name] === value);
  const selectors = ({ workload }) =>
    workload
      .map(
        ({ spec }) =>
          spec?.podSelector?.matchLabels ?? spec?.selector?.matchLabels ?? spec?.selector,
      )
      .filter(Boolean);
  assert.equal(selectors(first).length, 5);
  for (const [own, other] of [
    [first, second],
    [second, first],
  ]) {
    for (const selector of selectors(own)) {
      assert.ok(selects(selector, labels(own)));
      assert.ok(!selects(selector, labels(other)));
    }
  }
  const claim = ({ workload }) =>
    podSpec(one(workload, 'StatefulSet')).volumes[0].persistentVolumeClaim.claimName;
  assert.notEqual(claim(first), claim(second));
});

test('what a server needs is not repeated for the second in its namespace', () => {
  const { durable } = deployments.get(SECOND);
  assert.deepEqual(
    durable.map(({ kind }) => kind),
    ['PersistentVolumeClaim'],
  );
});

test('the job that verifies reads the ledger of production, as the server does, and changes nothing', () => {
  const documents = renderVerify();
  assert.deepEqual(typeErrors(documents), []);
  assert.deepEqual(restrictedViolations(documents), []);
  const { workload } = deployments.get('production');
  const server = podSpec(one(workload, 'StatefulSet'));
  const pod = podSpec(one(documents, 'Job'));
  assert.equal(documents.length, 1);
  assert.equal(documents[0].metadata.namespace, workload[0].metadata.namespace);
  assert.equal(pod.containers[0].image, server.containers[0].image);
  assert.deepEqual(pod.securityContext, server.securityContext);
  assert.deepEqual(pod.volumes[0], server.volumes[0]);
  assert.deepEqual(pod.containers[0].volumeMounts[0], { mountPath: '/data', name: 'data', readOnly: true });
  // No service and no policy of the server selects it.
  const { labels } = documents[0].spec.template.metadata;
  const name = one(workload, 'StatefulSet').spec.template.metadata.labels['app.kubernetes.io/name'];
  assert.notEqual(labels['app.kubernetes.io/name'], name);
});

test('TLS is refused without the admin port, since its probes could not speak it', () => {
  assert.throws(() => renderWith('overlays/production', ['tls']), /httpGet/);
});

test('each alert of the cluster has a severity, and a page of the runbook', () => {
  const rules = one(deployments.get('production with monitoring').workload, 'PrometheusRule');
  for (const { alert, annotations, labels } of rules.spec.groups.flatMap((group) => group.rules)) {
    assert.match(labels.severity, /^(critical|warning)$/, alert);
    const page = new URL(`../../${annotations.runbook}`, import.meta.url);
    assert.ok(existsSync(page), `${alert}: ${annotations.runbook}`);
  }
});

test('Prometheus finds the admin port of the server, and of it alone', () => {
  for (const overlay of overlays) {
    const { workload } = deployments.get(`${overlay} with monitoring`);
    const { spec } = one(workload, 'ServiceMonitor');
    const found = all(workload, 'Service').filter(({ metadata }) =>
      Object.entries(spec.selector.matchLabels).every(([k, v]) => metadata.labels[k] === v),
    );
    assert.deepEqual(
      found.map(({ metadata }) => metadata.name),
      ['owo-billing-admin'],
    );
    assert.deepEqual(
      spec.endpoints.map(({ port }) => port),
      found[0].spec.ports.map((it) => it.name),
    );
  }
});
