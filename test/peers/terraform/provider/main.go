// Command terraform-provider-schema-only stands for a cloud's provider where the real one cannot be downloaded. It has the real
// provider's schema, from schema.json beside it, and plans and applies by echo: what the configuration says is what comes to be,
// and what the cloud would fill in gets a plausible value. It talks to no cloud.
package main

import (
	"fmt"
	"os"

	"github.com/hashicorp/terraform-plugin-go/tfprotov5"
	"github.com/hashicorp/terraform-plugin-go/tfprotov5/tf5server"
)

func main() {
	provider, err := loadProvider()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	address := "registry.terraform.io/hashicorp/" + provider.name
	serve := func() tfprotov5.ProviderServer { return provider }
	if err := tf5server.Serve(address, serve); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
