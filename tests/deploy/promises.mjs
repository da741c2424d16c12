// What deploy/ promises about the rendered manifests, beyond types and the restricted profile.
//
//   promiseViolations(render('overlays/production'));  // e.g. ['memory: limit is 1024 MiB, want …']
//
// Each rule yields what is wrong. checks.test.mjs breaks each rule and expects to be told.

import { mib, recoverySeconds } from './quantity.mjs';
import { all } from './render.mjs';
import { containersOf, podSpec } from './restricted.mjs';

const API_PORT = 50051;
const ADMIN_PORT = 9464;
const NAME = 'app.kubernetes.io/name';
const INSTANCE = 'app.kubernetes.io/instance';
// Kinds that are outside of namespaces.
const CLUSTER_KINDS = ['Namespace', 'PriorityClass'];
// Kinds whose deletion deletes data, or everything else.
const DURABLE_KINDS = ['Namespace', 'PersistentVolume', 'PersistentVolumeClaim', 'PriorityClass'];

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const covers = (labels, selector) =>
  Object.entries(selector ?? {}).every(([name, value]) => labels[name] === value);

// The parts of a deployment that most rules look at.
function partsOf({ durable, workload }) {
  const stateful = all(workload, 'StatefulSet')[0];
  const pod = podSpec(stateful);
  const server = pod.containers.find(({ name }) => name === 'owo-billing-server');
  const flag = (name) => server.args.find((it) => it.startsWith(`--${name}=`))?.split('=')[1];
  const labels = stateful.spec.template.metadata.labels;
  return {
    documents: [...durable, ...workload],
    durable,
    flag,
    labels,
    pod,
    server,
    stateful,
    workload,
  };
}

const RULES = {
  // `kubectl delete -k` of the workload must leave the ledger.
  *deletion({ durable, stateful, workload, pod }) {
    for (const { kind, metadata } of workload) {
      if (DURABLE_KINDS.includes(kind))
        yield `deleting the workload deletes ${kind}/${metadata.name}`;
    }
    if (stateful.spec.volumeClaimTemplates) yield 'a volumeClaimTemplate replaces a lost ledger';
    for (const { name, persistentVolumeClaim } of pod.volumes) {
      const claim = persistentVolumeClaim?.claimName;
      if (claim && all(durable, 'PersistentVolumeClaim', claim).length !== 1) {
        yield `the claim of the volume ${name}, ${claim}, is not among what is durable`;
      }
    }
  },

  // One pod in the cluster opens the volume that the server writes to.
  *single({ durable, flag, pod, server, stateful }) {
    if (stateful.spec.replicas !== 1) yield 'replicas is not 1';
    for (const { metadata, spec } of all(durable, 'PersistentVolumeClaim')) {
      if (!same(spec.accessModes, ['ReadWriteOncePod']))
        yield `${metadata.name} may be opened twice`;
    }
    for (const directory of [flag('data_dir'), flag('backup_dir')].filter(Boolean)) {
      const mount = server.volumeMounts.find(({ mountPath }) => mountPath === directory);
      const volume = pod.volumes.find(({ name }) => name === mount?.name);
      if (!volume?.persistentVolumeClaim) yield `${directory} is not a claim`;
      if (mount?.readOnly) yield `${directory} is mounted read-only`;
    }
    if (flag('data_dir') === undefined) yield 'no --data_dir';
    if (pod.securityContext.fsGroup !== pod.securityContext.runAsUser)
      yield 'fsGroup is not the user';
  },

  *namespace({ documents, durable, workload }) {
    const name = all(durable, 'Namespace')[0]?.metadata.name ?? workload[0].metadata.namespace;
    for (const { metadata } of all(durable, 'Namespace')) {
      for (const mode of ['enforce', 'audit', 'warn']) {
        if (metadata.labels[`pod-security.kubernetes.io/${mode}`] !== 'restricted') {
          yield `the namespace does not ${mode} the restricted profile`;
        }
      }
    }
    for (const { kind, metadata } of documents) {
      if (!CLUSTER_KINDS.includes(kind) && metadata.namespace !== name) {
        yield `${kind}/${metadata.name} is in the namespace ${metadata.namespace}`;
      }
    }
  },

  // Everything else in the namespace reaches nothing and is reached by nothing.
  *defaultDeny({ durable }) {
    if (all(durable, 'Namespace').length === 0) return;
    const denies = ({ spec }) =>
      same(spec.podSelector, {}) &&
      !spec.ingress &&
      !spec.egress &&
      same([...spec.policyTypes].sort(), ['Egress', 'Ingress']);
    if (!all(durable, 'NetworkPolicy').some(denies)) yield 'no policy denies by default';
  },

  // Who reaches which port: clients the API, monitoring the admin port. The pod reaches nobody.
  *network({ flag, labels, workload }) {
    const access = (port, who) => ({
      from: [
        {
          namespaceSelector: { matchLabels: { 'billing.owo/access': who } },
          podSelector: {
            matchExpressions: [{ key: 'billing.owo/access', operator: 'In', values: [who] }],
          },
        },
      ],
      ports: [{ port, protocol: 'TCP' }],
    });
    const wanted = [access(API_PORT, 'client')];
    if (flag('admin_listen')) wanted.push(access(ADMIN_PORT, 'monitoring'));
    const policies = all(workload, 'NetworkPolicy');
    const allowed = policies.flatMap(({ spec }) => spec.ingress);
    if (!same(allowed, wanted)) yield `ingress is ${JSON.stringify(allowed)}`;
    if (policies.some(({ spec }) => spec.egress?.length > 0)) yield 'egress is allowed';
    if (!policies.some(({ spec }) => spec.policyTypes.includes('Egress')))
      yield 'egress is not denied';
    for (const { metadata, spec } of policies) {
      if (!same(spec.podSelector.matchLabels, sorted(labels))) {
        yield `the policy ${metadata.name} does not select the pod alone`;
      }
    }
  },

  // Two servers in one namespace have nothing in common but the name of the program.
  *instance({ documents, labels, stateful, workload }) {
    if (!labels[NAME] || !labels[INSTANCE]) yield 'the pod is not labelled with name and instance';
    const selectors = [
      ['StatefulSet', stateful.spec.selector.matchLabels],
      ...all(workload, 'Service').map(({ metadata, spec }) => [metadata.name, spec.selector]),
      ...all(workload, 'PodDisruptionBudget').map(({ spec }) => [
        'PodDisruptionBudget',
        spec.selector.matchLabels,
      ]),
    ];
    for (const [what, selector] of selectors) {
      if (!same(sorted(selector), sorted(labels))) yield `${what} does not select the pod alone`;
    }
    for (const { kind, metadata } of documents) {
      if (['Namespace', 'PriorityClass'].includes(kind) || metadata.name === 'default-deny')
        continue;
      if (metadata.labels?.[INSTANCE] !== labels[INSTANCE]) {
        yield `${kind}/${metadata.name} does not say to which instance it belongs`;
      }
    }
  },

  *services({ flag, server, stateful, workload }) {
    const services = all(workload, 'Service');
    if (all(workload, 'Service', stateful.spec.serviceName)[0]?.spec.clusterIP !== 'None') {
      yield 'the service of the StatefulSet is not headless';
    }
    for (const { metadata, spec } of services) {
      if (!['ClusterIP', undefined].includes(spec.type))
        yield `${metadata.name} leaves the cluster`;
      for (const { port, targetPort } of spec.ports) {
        const target = server.ports.find(({ name }) => name === targetPort)?.containerPort;
        if (target !== port) yield `${metadata.name} has no target for its port ${port}`;
        const admin =
          port === ADMIN_PORT &&
          covers(metadata.labels, {
            'app.kubernetes.io/component': 'admin',
          });
        if (port !== API_PORT && !admin) yield `${metadata.name} opens the port ${port}`;
      }
    }
    if (flag('listen')?.split(':')[1] !== String(API_PORT)) yield 'it does not listen on its port';
    if (flag('admin_listen') && !services.some(({ spec }) => spec.ports[0].port === ADMIN_PORT)) {
      yield 'no service has the admin port';
    }
  },

  *image({ pod }) {
    for (const { image, name } of containersOf(pod)) {
      if (!/(:[\w.-]+|@sha256:[0-9a-f]{64})$/.test(image) || image.endsWith(':latest')) {
        yield `${name}: the image ${image} is not pinned`;
      }
    }
  },

  *identity({ pod, workload }) {
    const [account] = all(workload, 'ServiceAccount', pod.serviceAccountName);
    if (account?.automountServiceAccountToken !== false) yield 'the account gives out tokens';
    if (pod.automountServiceAccountToken !== false) yield 'the pod has a token';
    // The variables of service links begin with OWO_, as those of the configuration do.
    if (pod.enableServiceLinks !== false) yield 'service links set variables of the configuration';
  },

  *containment({ pod }) {
    for (const { name, resources, securityContext, terminationMessagePolicy } of containersOf(
      pod,
    )) {
      if (securityContext.readOnlyRootFilesystem !== true) yield `${name} may write to its image`;
      for (const what of ['memory', 'ephemeral-storage']) {
        if (!resources?.limits?.[what] || !resources.requests?.[what])
          yield `${name}: no ${what} bound`;
      }
      if (resources?.limits?.cpu) yield `${name}: a limit of cpu throttles the committer`;
      if (terminationMessagePolicy !== 'FallbackToLogsOnError') {
        yield `${name}: how it ended is not taken from its log`;
      }
    }
  },

  // The server takes --memory_mib and 64 MiB; a quarter more is for the kernel on its behalf.
  *memory({ flag, server, pod }) {
    const budget = Number(flag('memory_mib'));
    if (!(budget >= 128)) yield `--memory_mib is ${flag('memory_mib')}`;
    const wanted = budget * 1.25 + 64;
    const limit = mib(server.resources.limits.memory);
    if (limit < wanted || limit > wanted + 128) {
      yield `limit is ${limit} MiB, want ${wanted} to ${wanted + 128} for --memory_mib=${budget}`;
    }
    // What has a priority must not be the first to be evicted.
    if (pod.priorityClassName && mib(server.resources.requests.memory) !== limit) {
      yield 'the request is not the limit';
    }
  },

  *priority({ durable, pod, workload }) {
    const name = pod.priorityClassName;
    const [known] = all(durable, 'PriorityClass', name);
    if (known?.globalDefault) yield "the priority is everybody's";
    const production = workload[0].metadata.namespace === 'owo-billing';
    if (production && !name) yield 'a production server has no priority';
    if (name && all(durable, 'Namespace').length > 0 && !known) yield `no priority class ${name}`;
  },

  // Recovery is bounded by --memory_mib, whose default is 512 and is what was measured.
  *startup({ flag, server }) {
    const { failureThreshold, periodSeconds } = server.startupProbe;
    const wanted = 100 * recoverySeconds() * Math.max(1, flag('memory_mib') / 512);
    if (failureThreshold * periodSeconds < wanted) yield `recovery has less than ${wanted} s`;
  },

  *probes({ flag, server }) {
    const { livenessProbe, readinessProbe, startupProbe } = server;
    for (const [name, probe] of Object.entries({ livenessProbe, readinessProbe, startupProbe })) {
      if (!probe) yield `no ${name}`;
      if (probe?.timeoutSeconds > probe?.periodSeconds) yield `${name} overlaps itself`;
      // The kubelet's gRPC probes cannot speak TLS.
      if (flag('tls_cert') && probe?.grpc) yield `${name} cannot speak TLS`;
      if (probe?.grpc && probe.grpc.port !== API_PORT) yield `${name} asks another port`;
      if (probe?.httpGet && !flag('admin_listen')) yield `${name} asks a port that is not open`;
    }
    if (livenessProbe && livenessProbe.failureThreshold * livenessProbe.periodSeconds < 30) {
      yield 'a server that is slow for a moment is restarted';
    }
    if (!readinessProbe?.grpc?.service && readinessProbe?.httpGet?.path !== '/readyz') {
      yield 'a server that drains counts as ready';
    }
  },

  // The kill comes ten seconds or more after the end of the drain.
  *drain({ flag, pod }) {
    const drain = Number(flag('drain_seconds'));
    if (!(drain > 0) || !(pod.terminationGracePeriodSeconds >= drain + 10)) {
      yield `killed after ${pod.terminationGracePeriodSeconds} s with a drain of ${drain} s`;
    }
  },

  // The node of the pod can be drained.
  *eviction({ workload }) {
    const budgets = all(workload, 'PodDisruptionBudget');
    if (budgets.length !== 1) yield 'want one budget';
    for (const { spec } of budgets) {
      if (spec.minAvailable !== undefined || !(spec.maxUnavailable >= 1))
        yield 'a drain never ends';
    }
  },

  // Secrets are files that only the server reads: not flags or variables, which the API shows.
  *secrets({ pod, server }) {
    for (const { name, value } of server.env ?? []) {
      if (/key|secret|token|password/i.test(name) && value)
        yield `the variable ${name} is in the open`;
    }
    for (const argument of server.args) {
      if (/owo_sk_|BEGIN [A-Z ]*PRIVATE KEY/.test(argument))
        yield 'a flag has a secret for its value';
    }
    for (const { name, secret } of pod.volumes.filter((volume) => volume.secret)) {
      if (secret.defaultMode !== 0o440) yield `the secret ${name} may be read by others`;
      const mount = server.volumeMounts.find((it) => it.name === name);
      if (!mount?.readOnly) yield `the secret ${name} is not mounted read-only`;
      // The kubelet does not renew what is mounted by subPath.
      if (mount?.subPath) yield `the secret ${name} is never renewed`;
    }
  },

  // Without TLS, the server says by name that it is insecure; with it, it must not.
  *transport({ flag, server }) {
    if (Boolean(flag('tls_cert')) !== Boolean(flag('tls_key'))) yield 'half of a key pair';
    if (Boolean(flag('tls_cert')) === server.args.includes('--allow_insecure_listen')) {
      yield 'TLS and --allow_insecure_listen contradict each other';
    }
    if (server.command) yield 'the command of the image is replaced';
  },
};

function sorted(labels) {
  return Object.fromEntries(Object.entries(labels ?? {}).sort());
}

export function promiseViolations(deployment) {
  const parts = partsOf(deployment);
  return Object.entries(RULES).flatMap(([name, rule]) =>
    [...rule(parts)].map((violation) => `${name}: ${violation}`),
  );
}
