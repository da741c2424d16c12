// Tests the checks of the other tests on wrong manifests: each mistake must be reported.

import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { promiseViolations } from './promises.mjs';
import { one, render, renderWith } from './render.mjs';
import { containersOf, podSpec, restrictedViolations } from './restricted.mjs';
import { typeErrorsOf } from './types.mjs';

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

const setArgument = (server, name, value) => {
  const i = server.args.findIndex((argument) => argument.startsWith(`--${name}=`));
  server.args[i] = `--${name}=${value}`;
};

// Each row names the mistake as an operator would make it, and gives the expected message. `policy`
// and `service` are those of the API, `find` returns any document by its kind and name.
const PROMISE_MISTAKES = [
  [
    'the namespace is put back into the workload',
    /deletion: .*deletes Namespace/,
    ({ workload, find }) => workload.push(find('Namespace')),
  ],
  [
    'the claim is put back into the workload',
    /deletion: .*deletes PersistentVolumeClaim/,
    ({ workload, find }) => workload.push(find('PersistentVolumeClaim', 'owo-billing-data')),
  ],
  [
    'the volume becomes a template',
    /deletion: .*volumeClaimTemplate/,
    ({ spec }) => (spec.volumeClaimTemplates = [{ metadata: { name: 'data' } }]),
  ],
  [
    'the claim is misspelt',
    /deletion: .*owo-billing-date/,
    ({ pod }) => (pod.volumes[0].persistentVolumeClaim.claimName = 'owo-billing-date'),
  ],
  ['there is a second replica', /single: replicas/, ({ spec }) => (spec.replicas = 2)],
  [
    'the claim may be mounted by many nodes',
    /single: .*opened twice/,
    ({ find }) =>
      (find('PersistentVolumeClaim', 'owo-billing-data').spec.accessModes = ['ReadWriteMany']),
  ],
  [
    'the ledger is put on an emptyDir',
    /single: \/data is not a claim/,
    ({ pod }) => (pod.volumes[0] = { name: 'data', emptyDir: {} }),
  ],
  [
    'the data directory is not the mounted one',
    /single: \/var\/data is not a claim/,
    ({ server }) => setArgument(server, 'data_dir', '/var/data'),
  ],
  [
    'the volume is mounted read-only',
    /single: .*read-only/,
    ({ server }) => (server.volumeMounts[0].readOnly = true),
  ],
  [
    'the volume is given to another group',
    /single: fsGroup/,
    ({ pod }) => (pod.securityContext.fsGroup = 1000),
  ],
  [
    'a service is in another namespace',
    /namespace: Service\/owo-billing is/,
    ({ service }) => (service.metadata.namespace = 'default'),
  ],
  [
    'the namespace no longer enforces the profile',
    /namespace: .*enforce/,
    ({ find }) =>
      (find('Namespace').metadata.labels['pod-security.kubernetes.io/enforce'] = 'baseline'),
  ],
  [
    'the default policy forgets egress',
    /defaultDeny/,
    ({ find }) => find('NetworkPolicy', 'default-deny').spec.policyTypes.pop(),
  ],
  [
    'the default policy lets everybody in',
    /defaultDeny/,
    ({ find }) => (find('NetworkPolicy', 'default-deny').spec.ingress = [{}]),
  ],
  [
    'clients of any namespace may call',
    /network: ingress/,
    ({ policy }) => delete policy.spec.ingress[0].from[0].namespaceSelector,
  ],
  [
    'either selector is enough',
    /network: ingress/,
    ({ policy }) => {
      const { namespaceSelector, podSelector } = policy.spec.ingress[0].from[0];
      policy.spec.ingress[0].from = [{ namespaceSelector }, { podSelector }];
    },
  ],
  [
    'clients reach every port',
    /network: ingress/,
    ({ policy }) => delete policy.spec.ingress[0].ports,
  ],
  [
    'clients reach the admin port',
    /network: ingress/,
    ({ policy }) => policy.spec.ingress[0].ports.push({ port: 9464, protocol: 'TCP' }),
  ],
  [
    'the pod reaches the network',
    /network: egress is allowed/,
    ({ policy }) => (policy.spec.egress = [{}]),
  ],
  [
    'the policy no longer denies egress',
    /network: egress is not denied/,
    ({ policy }) => policy.spec.policyTypes.pop(),
  ],
  [
    'the policy selects the pods of both servers',
    /network: .*pod alone/,
    ({ policy }) => delete policy.spec.podSelector.matchLabels['app.kubernetes.io/instance'],
  ],
  [
    'the service sends calls to both servers',
    /instance: owo-billing does not/,
    ({ service }) => delete service.spec.selector['app.kubernetes.io/instance'],
  ],
  [
    'the budget counts both servers',
    /instance: PodDisruptionBudget does not/,
    ({ find }) =>
      delete find('PodDisruptionBudget').spec.selector.matchLabels['app.kubernetes.io/instance'],
  ],
  [
    'the claim is not labelled',
    /instance: PersistentVolumeClaim\/owo-billing-data/,
    ({ find }) => delete find('PersistentVolumeClaim', 'owo-billing-data').metadata.labels,
  ],
  [
    'the service is published outside of the cluster',
    /services: .*leaves/,
    ({ service }) => (service.spec.type = 'LoadBalancer'),
  ],
  [
    'the service of the API has the admin port, too',
    /services: owo-billing opens the port 9464/,
    ({ service }) => service.spec.ports.push({ port: 9464, targetPort: 'admin' }),
  ],
  [
    'the service names a port that the pod lacks',
    /services: .*no target/,
    ({ service }) => (service.spec.ports[0].targetPort = 'http'),
  ],
  [
    'the server listens on another port',
    /services: .*its port/,
    ({ server }) => setArgument(server, 'listen', '0.0.0.0:8080'),
  ],
  [
    'the image is the latest',
    /image: .*not pinned/,
    ({ server }) => (server.image = 'owo-billing:latest'),
  ],
  ['the image has no tag', /image: .*not pinned/, ({ server }) => (server.image = 'owo-billing')],
  [
    'the pod gets a token',
    /identity: the pod/,
    ({ pod }) => delete pod.automountServiceAccountToken,
  ],
  [
    'the pod has the account of others',
    /identity: the account/,
    ({ pod }) => (pod.serviceAccountName = 'default'),
  ],
  [
    'services set variables of the configuration',
    /identity: service links/,
    ({ pod }) => delete pod.enableServiceLinks,
  ],
  [
    'the root of the image may be written to',
    /containment: .*may write/,
    ({ server }) => delete server.securityContext.readOnlyRootFilesystem,
  ],
  [
    'the log may fill the node',
    /containment: .*ephemeral-storage/,
    ({ server }) => delete server.resources.limits['ephemeral-storage'],
  ],
  [
    'the processor time is limited',
    /containment: .*throttles/,
    ({ server }) => (server.resources.limits.cpu = '1'),
  ],
  [
    'a termination is not explained',
    /containment: .*how it ended/,
    ({ server }) => delete server.terminationMessagePolicy,
  ],
  [
    'the server gets more memory and its pod does not',
    /memory: limit is 2048 MiB, want 2624/,
    ({ server }) => setArgument(server, 'memory_mib', 2048),
  ],
  [
    'the pod gets more memory and its server does not',
    /memory: limit is 4096/,
    ({ server }) => (server.resources.limits.memory = '4Gi'),
  ],
  [
    'the request of memory is below its limit',
    /memory: the request/,
    ({ server }) => (server.resources.requests.memory = '1Gi'),
  ],
  [
    'the priority class does not exist',
    /priority: no priority class urgent/,
    ({ pod }) => (pod.priorityClassName = 'urgent'),
  ],
  [
    'production has no priority',
    /priority: .*has no priority/,
    ({ pod }) => delete pod.priorityClassName,
  ],
  [
    'recovery is interrupted',
    /startup: recovery has less than 201 s/,
    ({ server }) => (server.startupProbe.failureThreshold = 30),
  ],
  [
    'a pause of the disk restarts the server',
    /probes: .*slow for a moment/,
    ({ server }) => (server.livenessProbe.failureThreshold = 1),
  ],
  [
    'probes overlap',
    /probes: .*overlaps/,
    ({ server }) => (server.readinessProbe.timeoutSeconds = 60),
  ],
  [
    'a probe asks another port',
    /probes: .*another port/,
    ({ server }) => (server.livenessProbe.grpc.port = 50052),
  ],
  [
    'readiness asks for the whole server',
    /probes: .*drains/,
    ({ server }) => delete server.readinessProbe.grpc.service,
  ],
  [
    'the kill comes before the end of the drain',
    /drain: killed after 30 s/,
    ({ pod }) => (pod.terminationGracePeriodSeconds = 30),
  ],
  [
    'the budget blocks drains',
    /eviction: .*never ends/,
    ({ find }) => (find('PodDisruptionBudget').spec = { minAvailable: 1, selector: {} }),
  ],
  [
    'a key is a variable',
    /secrets: .*OWO_OPERATOR_KEY/,
    ({ server }) => (server.env = [{ name: 'OWO_OPERATOR_KEY', value: 'owo_sk_live_x' }]),
  ],
  [
    'a key is the value of a flag',
    /secrets: a flag/,
    ({ server }) => server.args.push('--operator_key=owo_sk_live_x'),
  ],
  [
    'the command of the image is replaced',
    /transport: the command/,
    ({ server }) => (server.command = ['owo-billing-server']),
  ],
  [
    'a server without TLS does not say so',
    /transport: .*contradict/,
    ({ server }) => server.args.splice(1, 1),
  ],
];

// The same with all components.
const COMPONENT_MISTAKES = [
  [
    'the backups are on the volume of the ledger',
    /single: \/data\/backup is not a claim/,
    ({ server }) => setArgument(server, 'backup_dir', '/data/backup'),
  ],
  [
    'the claim of the backups is forgotten',
    /deletion: .*owo-billing-backup/,
    ({ durable }) =>
      durable.splice(
        durable.findIndex((it) => it.metadata.name === 'owo-billing-backup'),
        1,
      ),
  ],
  [
    'clients reach the admin port',
    /network: ingress/,
    ({ find }) => (find('NetworkPolicy', 'owo-billing-admin').spec.ingress[0].from = [{}]),
  ],
  [
    'the admin port has no policy',
    /network: ingress/,
    ({ find, workload }) =>
      workload.splice(workload.indexOf(find('NetworkPolicy', 'owo-billing-admin')), 1),
  ],
  [
    'the admin port has no service',
    /services: no service/,
    ({ find, workload }) =>
      workload.splice(workload.indexOf(find('Service', 'owo-billing-admin')), 1),
  ],
  [
    'a probe speaks clear text to a port with TLS',
    /probes: livenessProbe cannot speak TLS/,
    ({ server }) =>
      (server.livenessProbe = {
        ...server.livenessProbe,
        httpGet: undefined,
        grpc: { port: 50051 },
      }),
  ],
  [
    'everybody in the pod may read the private key',
    /secrets: the secret tls may be read/,
    ({ pod }) => (pod.volumes.find(({ name }) => name === 'tls').secret.defaultMode = 0o444),
  ],
  [
    'the certificate is mounted as a single file',
    /secrets: .*never renewed/,
    ({ server }) => (server.volumeMounts.find(({ name }) => name === 'tls').subPath = 'tls.crt'),
  ],
  [
    'a server with TLS is still called insecure',
    /transport: .*contradict/,
    ({ server }) => server.args.push('--allow_insecure_listen'),
  ],
  [
    'the private key is forgotten',
    /transport: half/,
    ({ server }) =>
      server.args.splice(
        server.args.findIndex((it) => it.startsWith('--tls_key')),
        1,
      ),
  ],
];

let good;
let complete;

before(() => {
  good = render('overlays/production');
  complete = renderWith('overlays/production',
    ['admin', 'backup', 'backup-claim', 'keys', 'monitoring', 'tls']);
  for (const deployment of [good, complete]) {
    assert.deepEqual(restrictedViolations(deployment.workload), []);
    assert.deepEqual(promiseViolations(deployment), []);
  }
});

function withMistake(deployment, mistake) {
  const { durable, workload } = structuredClone(deployment);
  const find = (kind, name) => one([...durable, ...workload], kind, name);
  const document = one(workload, 'StatefulSet');
  const pod = podSpec(document);
  mistake({
    document,
    durable,
    find,
    pod,
    policy: one(workload, 'NetworkPolicy', 'owo-billing'),
    server: containersOf(pod)[0],
    service: one(workload, 'Service', 'owo-billing'),
    spec: document.spec,
    workload,
  });
  return { document, durable, workload };
}

test('types: each mistake is reported', () => {
  const wrong = TYPE_MISTAKES.map(([, mistake]) => withMistake(good, mistake).document);
  for (const [i, errors] of typeErrorsOf(wrong).entries()) {
    assert.match(errors.join('\n'), TYPE_MISTAKES[i][0]);
  }
});

for (const [i, [message, mistake]] of RESTRICTED_MISTAKES.entries()) {
  test(`restricted profile, mistake ${i + 1}: ${message.source}`, () => {
    assert.match(restrictedViolations(withMistake(good, mistake).workload).join('\n'), message);
  });
}

for (const [name, message, mistake] of PROMISE_MISTAKES) {
  test(`promises: ${name}`, () => {
    assert.match(promiseViolations(withMistake(good, mistake)).join('\n'), message);
  });
}

for (const [name, message, mistake] of COMPONENT_MISTAKES) {
  test(`promises with components: ${name}`, () => {
    assert.match(promiseViolations(withMistake(complete, mistake)).join('\n'), message);
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
