#!/usr/bin/env bash
# lan.sh FOLDER: the network that the nodes stand in, and Kubernetes' control plane beside its bridge. First process of its namespaces.
set -eu
folder=$1
cd "$folder"
# What programs.env says: ETCD, APISERVER, MACHINE, NODE, DOORS.
. ./programs.env
ip link set lo up
ip link add bridge0 type bridge
# The control plane, the metadata server, and Google's private addresses, all played from here.
for address in 172.30.0.1/24 169.254.169.254/32 199.36.153.8/32 10.20.0.10/32; do ip addr add "$address" dev bridge0; done
ip link set bridge0 up
echo 1 >/proc/sys/net/ipv4/ip_forward
# Equal-cost routes to the nodes: one connection stays with one node.
echo 1 >/proc/sys/net/ipv4/fib_multipath_hash_policy
for node in 1 2 3 4; do ip route replace 10.244.$node.0/24 via 172.30.0.1$node onlink dev bridge0; done

"$NODE" "$DOORS" "$folder/door.sock" >log/doors.log 2>&1 &
client=http://127.0.0.1:2379 peer=http://127.0.0.1:2380
"$ETCD" --data-dir=etcd --listen-client-urls=$client --advertise-client-urls=$client --listen-peer-urls=$peer \
  --initial-advertise-peer-urls=$peer --initial-cluster=default=$peer --log-level=error --unsafe-no-fsync >log/etcd.log 2>&1 &
"$APISERVER" --etcd-servers=$client --bind-address=0.0.0.0 --advertise-address=172.30.0.1 --secure-port=6443 \
  --tls-cert-file=pki/apiserver.crt --tls-private-key-file=pki/apiserver.key --token-auth-file=pki/tokens.csv \
  --service-cluster-ip-range=10.96.0.0/16 --service-account-issuer=https://kubernetes.default.svc \
  --service-account-key-file=pki/accounts.key --service-account-signing-key-file=pki/accounts.key \
  --authorization-mode=Node,RBAC --enable-admission-plugins=NodeRestriction --allow-privileged=true \
  --kubelet-client-certificate=pki/kubelet-client.crt --kubelet-client-key=pki/kubelet-client.key \
  --kubelet-preferred-address-types=InternalIP --v=0 >log/apiserver.log 2>&1 &
# Both end where the API server has not made its own roles yet.
keep() {
  local log=log/$1.log
  shift
  until "$@" >>"$log" 2>&1; do sleep 0.3; done
}
keep controller-manager "$MACHINE" controller-manager --kubeconfig=pki/controller-manager.kubeconfig \
  --use-service-account-credentials --service-account-private-key-file=pki/accounts.key --root-ca-file=pki/ca.crt \
  --leader-elect=false --bind-address=127.0.0.1 --node-monitor-period=1s --node-monitor-grace-period=10s &
keep scheduler "$MACHINE" scheduler --kubeconfig=pki/scheduler.kubeconfig --leader-elect=false --bind-address=127.0.0.1 &
# Orphans come to the first process of a namespace, which must take them.
while :; do wait -n 2>/dev/null || sleep 1; done
