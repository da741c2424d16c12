// The rendered overlays must be valid, restricted, and consistent with the server.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { one, overlays, render } from './render.mjs';
import { containersOf, podSpec, restrictedViolations } from './restricted.mjs';
import { typeErrors } from './types.mjs';

const PORT = 50051;
const CLIENTS = { matchLabels: { 'billing.owo/access': 'client' } };

test('the overlays are development and production', () => {
  assert.deepEqual(overlays.sort(), ['development', 'production']);
});

for (const overlay of overlays) {
  const documents = render(overlay);
  const stateful = one(documents, 'StatefulSet');
  const pod = podSpec(stateful);
  const [server] = pod.containers;
  const labels = stateful.spec.template.metadata.labels;
  const flag = (name) => server.args.find((it) => it.startsWith(`--${name}=`))?.split('=')[1];

  test(`${overlay}: every field is one of the Kubernetes API, of its type`, () => {
    assert.deepEqual(typeErrors(documents), []);
  });

  test(`${overlay}: pods keep to the restricted profile, which the namespace enforces`, () => {
    assert.deepEqual(restrictedViolations(documents), []);
    const namespace = one(documents, 'Namespace');
    assert.equal(namespace.metadata.labels['pod-security.kubernetes.io/enforce'], 'restricted');
    for (const document of documents.filter((it) => it !== namespace)) {
      assert.equal(document.metadata.namespace, namespace.metadata.name, document.kind);
    }
  });

  test(`${overlay}: containers cannot write outside of volumes and are bounded in memory`, () => {
    for (const container of containersOf(pod)) {
      assert.equal(container.securityContext.readOnlyRootFilesystem, true);
      assert.ok(container.resources.limits.memory);
      assert.ok(container.resources.requests.memory);
    }
  });

  test(`${overlay}: the image is pinned`, () => {
    for (const { image } of containersOf(pod)) {
      assert.match(image, /(:[\w.-]+|@sha256:[0-9a-f]{64})$/);
      assert.doesNotMatch(image, /:latest$/);
    }
  });

  test(`${overlay}: pods have no token`, () => {
    const account = one(documents, 'ServiceAccount', pod.serviceAccountName);
    assert.equal(account.automountServiceAccountToken, false);
    assert.equal(pod.automountServiceAccountToken, false);
  });

  test(`${overlay}: one pod in the cluster opens the volume the server writes to`, () => {
    assert.equal(stateful.spec.replicas, 1);
    const [claim] = stateful.spec.volumeClaimTemplates;
    assert.deepEqual(claim.spec.accessModes, ['ReadWriteOncePod']);
    const mount = server.volumeMounts.find(({ name }) => name === claim.metadata.name);
    assert.equal(mount.mountPath, flag('data_dir'));
    assert.equal(pod.securityContext.fsGroup, pod.securityContext.runAsUser);
  });

  test(`${overlay}: the drain ends ten seconds or more before the kill`, () => {
    const drain = Number(flag('drain_seconds'));
    assert.ok(drain > 0);
    assert.ok(pod.terminationGracePeriodSeconds >= drain + 10);
  });

  test(`${overlay}: probes ask the gRPC port, and recovery has minutes`, () => {
    assert.equal(flag('listen').split(':')[1], String(PORT));
    for (const probe of [server.startupProbe, server.livenessProbe, server.readinessProbe]) {
      assert.equal(probe.grpc.port, PORT);
      assert.ok(probe.timeoutSeconds <= probe.periodSeconds);
    }
    const budget = ({ failureThreshold, periodSeconds }) => failureThreshold * periodSeconds;
    assert.ok(budget(server.startupProbe) >= 600);
    assert.ok(budget(server.livenessProbe) >= 30);
  });

  test(`${overlay}: services, policy and budget all select the pod`, () => {
    assert.deepEqual(stateful.spec.selector.matchLabels, labels);
    assert.deepEqual(one(documents, 'NetworkPolicy').spec.podSelector.matchLabels, labels);
    assert.deepEqual(one(documents, 'PodDisruptionBudget').spec.selector.matchLabels, labels);
    const headless = one(documents, 'Service', stateful.spec.serviceName);
    assert.equal(headless.spec.clusterIP, 'None');
    const services = documents.filter(({ kind }) => kind === 'Service');
    assert.equal(services.length, 2);
    for (const { spec } of services) {
      assert.deepEqual(spec.selector, labels);
      assert.deepEqual(spec.ports.map(({ port }) => port), [PORT]);
      const target = server.ports.find(({ name }) => name === spec.ports[0].targetPort);
      assert.equal(target?.containerPort, PORT);
      assert.ok(['ClusterIP', undefined].includes(spec.type));
    }
  });

  test(`${overlay}: labelled clients reach the insecure server, and it reaches nobody`, () => {
    assert.ok(server.args.includes('--allow_insecure_listen'));
    const { egress, ingress, policyTypes } = one(documents, 'NetworkPolicy').spec;
    assert.deepEqual(policyTypes.sort(), ['Egress', 'Ingress']);
    assert.deepEqual(egress, []);
    assert.deepEqual(ingress, [
      {
        from: [{ namespaceSelector: CLIENTS, podSelector: CLIENTS }],
        ports: [{ port: PORT, protocol: 'TCP' }],
      },
    ]);
  });

  test(`${overlay}: the node of the pod can be drained`, () => {
    const { maxUnavailable, minAvailable } = one(documents, 'PodDisruptionBudget').spec;
    assert.equal(minAvailable, undefined);
    assert.ok(maxUnavailable >= 1);
  });
}
