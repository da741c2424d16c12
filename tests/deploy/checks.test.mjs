// Tests the checks of the other tests on wrong manifests: each mistake must be reported.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { one, render } from './render.mjs';
import { containersOf, podSpec, restrictedViolations } from './restricted.mjs';
import { typeErrors } from './types.mjs';

// Each row is the expected message, and the mistake that causes it: in the StatefulSet, its `spec`,
// its `pod`, or its container, `server`.
const TYPE_MISTAKES = [
  [/readOnlyRootFileSystem/,
    ({ server }) => (server.securityContext.readOnlyRootFileSystem = true)],
  [/'string' is not assignable to type 'number'/,
    ({ server }) => (server.livenessProbe.periodSeconds = 'ten')],
  [/'serviceName' is missing/, ({ spec }) => delete spec.serviceName],
  [/terminationGraceSeconds/, ({ pod }) => (pod.terminationGraceSeconds = 45)],
  [/'boolean' is not assignable/, ({ pod }) => (pod.securityContext.fsGroup = true)],
  [/volumeClaimTemplate/, ({ spec }) => (spec.volumeClaimTemplate = [])],
  [/'containers' is missing/, ({ pod }) => delete pod.containers],
  [/apps\/v1beta3/, ({ document }) => (document.apiVersion = 'apps/v1beta3')],
  [/no exported member named 'StatefulSets'/, ({ document }) => (document.kind = 'StatefulSets')],
];

const RESTRICTED_MISTAKES = [
  [/hostNetwork/, ({ pod }) => (pod.hostNetwork = true)],
  [/hostPID/, ({ pod }) => (pod.hostPID = true)],
  [/hostIPC/, ({ pod }) => (pod.hostIPC = true)],
  [/hostPort/, ({ server }) => (server.ports[0].hostPort = 50051)],
  [/volume sock is a hostPath/, ({ pod }) => (pod.volumes = [{ name: 'sock', hostPath: {} }])],
  [/sysctl kernel.msgmax/,
    ({ pod }) => (pod.securityContext.sysctls = [{ name: 'kernel.msgmax' }])],
  [/runAsNonRoot/, ({ pod }) => delete pod.securityContext.runAsNonRoot],
  [/runAsNonRoot/, ({ server }) => (server.securityContext.runAsNonRoot = false)],
  [/runAsUser is 0/, ({ pod }) => (pod.securityContext.runAsUser = 0)],
  [/runAsUser is 0/, ({ server }) => (server.securityContext.runAsUser = 0)],
  [/seccompProfile is not set/, ({ pod }) => delete pod.securityContext.seccompProfile],
  [/seccompProfile/,
    ({ server }) => (server.securityContext.seccompProfile = { type: 'Unconfined' })],
  [/appArmorProfile/, ({ pod }) => (pod.securityContext.appArmorProfile = { type: 'Unconfined' })],
  [/seLinuxOptions.type/,
    ({ server }) => (server.securityContext.seLinuxOptions = { type: 'spc_t' })],
  [/privileged/, ({ server }) => (server.securityContext.privileged = true)],
  [/allowPrivilegeEscalation/,
    ({ server }) => delete server.securityContext.allowPrivilegeEscalation],
  [/not dropped/, ({ server }) => (server.securityContext.capabilities.drop = ['NET_RAW'])],
  [/are added/, ({ server }) => (server.securityContext.capabilities.add = ['SYS_ADMIN'])],
  [/procMount/, ({ server }) => (server.securityContext.procMount = 'Unmasked')],
  [/names a host/, ({ server }) => (server.livenessProbe = { httpGet: { host: 'a', port: 1 } })],
  [/second: runAsNonRoot|second: allowPrivilegeEscalation/,
    ({ pod }) => (pod.initContainers = [{ name: 'second' }])],
];

let good;

before(() => {
  good = render('production');
  assert.deepEqual(typeErrors(good), []);
  assert.deepEqual(restrictedViolations(good), []);
});

function withMistake(mistake) {
  const documents = structuredClone(good);
  const document = one(documents, 'StatefulSet');
  const pod = podSpec(document);
  mistake({ document, pod, server: containersOf(pod)[0], spec: document.spec });
  return documents;
}

for (const [i, [message, mistake]] of TYPE_MISTAKES.entries()) {
  test(`types, mistake ${i + 1}: ${message.source}`, () => {
    assert.match(typeErrors(withMistake(mistake)).join('\n'), message);
  });
}

for (const [i, [message, mistake]] of RESTRICTED_MISTAKES.entries()) {
  test(`restricted profile, mistake ${i + 1}: ${message.source}`, () => {
    assert.match(restrictedViolations(withMistake(mistake)).join('\n'), message);
  });
}

test('the pod of a CronJob is found as well as that of a Pod', () => {
  const spec = { containers: [{ name: 'a' }], hostPID: true };
  const metadata = { name: 'b' };
  for (const document of [
    { kind: 'Pod', metadata, spec },
    { kind: 'CronJob', metadata, spec: { jobTemplate: { spec: { template: { spec } } } } },
  ]) {
    assert.match(restrictedViolations([document])[0], /b: hostPID/);
  }
});
