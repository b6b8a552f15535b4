#!/usr/bin/env bash
# node-run.sh N: what runs on a node: containerd, kubelet, the proxy of Services, and the engine of network policies. Its first process.
set -u
n=$1
pki=/isthmus/pki
echo 1 >/proc/sys/net/ipv4/ip_forward
echo "nameserver 127.0.0.1" >/run/resolv.conf
mkdir -p /etc/containerd /etc/cni/net.d /etc/kubernetes

cat >/etc/containerd/config.toml <<END
version = 2
oom_score = 0
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "localhost/pause:1"
  restrict_oom_score_adj = true
  disable_apparmor = true
  disable_hugetlb_controller = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "overlayfs"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
    SystemdCgroup = false
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "/etc/cni/net.d"
END

# Point to point: each pod has a route of its own, and all its packets pass the node's rules. No address is masked, as in a VPC-native cluster.
cat >/etc/cni/net.d/10-pods.conflist <<END
{ "cniVersion": "0.4.0", "name": "pods", "plugins": [
  { "type": "ptp", "ipMasq": false, "mtu": 1460,
    "ipam": { "type": "host-local", "ranges": [[{ "subnet": "10.244.$n.0/24" }]], "routes": [{ "dst": "0.0.0.0/0" }] } },
  { "type": "portmap", "capabilities": { "portMappings": true } }
] }
END

cat >/etc/kubernetes/kubelet.yaml <<END
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
failCgroupV1: false
cgroupDriver: cgroupfs
authentication:
  anonymous: { enabled: false }
  webhook: { enabled: false }
  x509: { clientCAFile: $pki/ca.crt }
authorization: { mode: AlwaysAllow }
clusterDNS: [10.96.0.10]
clusterDomain: cluster.local
containerRuntimeEndpoint: unix:///run/containerd/containerd.sock
resolvConf: /run/resolv.conf
failSwapOn: false
oomScoreAdj: 0
# The disk is everybody's: what else lies on it is no reason to throw images or pods away.
imageGCHighThresholdPercent: 100
imageGCLowThresholdPercent: 99
evictionHard: { memory.available: 100Mi, nodefs.available: 1%, imagefs.available: 1%, nodefs.inodesFree: 1%, imagefs.inodesFree: 1% }
nodeStatusUpdateFrequency: 2s
nodeStatusReportFrequency: 10s
nodeLeaseDurationSeconds: 10
syncFrequency: 10s
END

containerd >/var/log/containerd.log 2>&1 &
for _ in $(seq 200); do
  ctr version >/dev/null 2>&1 && break
  sleep 0.1
done
for archive in /isthmus/images/*.tar; do bash /isthmus/load-image.sh "$archive" >>/var/log/images.log 2>&1; done

# A part that ends is started again, as a machine's init would; the policies' engine ends until its node is known.
keep() {
  local log=/var/log/$1.log
  shift
  until "$@" >>"$log" 2>&1; do sleep 0.5; done
}
keep kubelet /isthmus/kube-machine kubelet --config=/etc/kubernetes/kubelet.yaml --kubeconfig=$pki/node"$n".kubeconfig \
  --hostname-override=node"$n" --node-ip=172.30.0.1"$n" --node-labels=topology.kubernetes.io/zone=zone-"$n" &
keep proxy /isthmus/kube-machine proxy --kubeconfig=$pki/kube-proxy.kubeconfig --hostname-override=node"$n" --proxy-mode=iptables \
  --cluster-cidr=10.244.0.0/16 --conntrack-max-per-core=0 --conntrack-min=0 --conntrack-tcp-timeout-established=0 \
  --conntrack-tcp-timeout-close-wait=0 &
keep netpol /isthmus/netpol --kubeconfig=$pki/policies.kubeconfig --hostname-override=node"$n" \
  --service-cluster-ip-range=10.96.0.0/16 --enable-ipv4=true --enable-ipv6=false -v=1 &
while :; do wait -n 2>/dev/null || sleep 1; done
