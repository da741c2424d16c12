// Checks pods against the restricted profile of the Pod Security Standards, which a cluster
// enforces in a namespace with that label. Covers the pods of all workloads, with all their
// containers.
//
//   restrictedViolations(documents);  // e.g. ['StatefulSet/owo-billing: hostNetwork']

const VOLUME_TYPES = new Set([
  'configMap', 'csi', 'downwardAPI', 'emptyDir', 'ephemeral', 'persistentVolumeClaim', 'projected',
  'secret',
]);
const SAFE_SYSCTLS = new Set([
  'kernel.shm_rmid_forced', 'net.ipv4.ip_local_port_range', 'net.ipv4.ip_local_reserved_ports',
  'net.ipv4.ip_unprivileged_port_start', 'net.ipv4.ping_group_range', 'net.ipv4.tcp_fin_timeout',
  'net.ipv4.tcp_keepalive_intvl', 'net.ipv4.tcp_keepalive_probes', 'net.ipv4.tcp_keepalive_time',
  'net.ipv4.tcp_syncookies',
]);
const SECCOMP_TYPES = new Set(['Localhost', 'RuntimeDefault']);
const APPARMOR_TYPES = new Set(['Localhost', 'RuntimeDefault']);
const SELINUX_TYPES = new Set(['', 'container_engine_t', 'container_init_t', 'container_kvm_t',
  'container_t']);

// Returns the pod that a document creates; undefined if it creates none.
export function podSpec({ kind, spec }) {
  if (kind === 'Pod') return spec;
  return (spec?.jobTemplate?.spec ?? spec)?.template?.spec;
}

export function containersOf(pod) {
  const lists = [pod.initContainers, pod.containers, pod.ephemeralContainers];
  return lists.flatMap((list) => list ?? []);
}

// The rules for a security context, both of a pod and of a container.
function* contextViolations(context) {
  const { appArmorProfile, runAsUser, seLinuxOptions, seccompProfile, windowsOptions } = context;
  if (windowsOptions?.hostProcess) yield 'windowsOptions.hostProcess';
  if (runAsUser === 0) yield 'runAsUser is 0';
  if (seccompProfile && !SECCOMP_TYPES.has(seccompProfile.type)) yield 'seccompProfile';
  if (appArmorProfile && !APPARMOR_TYPES.has(appArmorProfile.type)) yield 'appArmorProfile';
  if (seLinuxOptions?.user || seLinuxOptions?.role) yield 'seLinuxOptions';
  if (!SELINUX_TYPES.has(seLinuxOptions?.type ?? '')) yield 'seLinuxOptions.type';
}

function* containerViolations(container, podContext) {
  const context = container.securityContext ?? {};
  const { allowPrivilegeEscalation, capabilities, privileged, procMount } = context;
  yield* contextViolations(context);
  if (privileged) yield 'privileged';
  if (allowPrivilegeEscalation !== false) yield 'allowPrivilegeEscalation is not false';
  if ((context.runAsNonRoot ?? podContext.runAsNonRoot) !== true) yield 'runAsNonRoot is not true';
  if (!(context.seccompProfile ?? podContext.seccompProfile)) yield 'seccompProfile is not set';
  if (!capabilities?.drop?.includes('ALL')) yield 'capabilities are not dropped';
  if (capabilities?.add?.some((name) => name !== 'NET_BIND_SERVICE')) {
    yield 'capabilities are added';
  }
  if ((procMount ?? 'Default') !== 'Default') yield 'procMount';
  if (container.ports?.some(({ hostPort }) => hostPort)) yield 'hostPort';
  const handlers = [container.livenessProbe, container.readinessProbe, container.startupProbe,
    container.lifecycle?.postStart, container.lifecycle?.preStop];
  if (handlers.some((handler) => handler?.httpGet?.host || handler?.tcpSocket?.host)) {
    yield 'a probe or hook names a host';
  }
}

function* podViolations(pod) {
  const context = pod.securityContext ?? {};
  for (const field of ['hostNetwork', 'hostPID', 'hostIPC']) if (pod[field]) yield field;
  yield* contextViolations(context);
  for (const { name } of context.sysctls ?? []) if (!SAFE_SYSCTLS.has(name)) yield `sysctl ${name}`;
  for (const { name, ...volume } of pod.volumes ?? []) {
    const types = Object.keys(volume);
    if (!types.every((type) => VOLUME_TYPES.has(type))) yield `volume ${name} is a ${types}`;
  }
  for (const container of containersOf(pod)) {
    for (const violation of containerViolations(container, context)) {
      yield `${container.name}: ${violation}`;
    }
  }
}

export function restrictedViolations(documents) {
  return documents.flatMap((document) => {
    const pod = podSpec(document);
    if (!pod) return [];
    return [...podViolations(pod)].map((it) => `${document.kind}/${document.metadata.name}: ${it}`);
  });
}
