// Command etcd is etcd's own server, built from its published module: the module's replacements keep `go install` from
// building it directly.
package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() {
	etcdmain.Main(os.Args)
}
