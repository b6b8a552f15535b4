package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov5"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// What test/peers/terraform/schema.ts writes.
type schemaFile struct {
	Provider  map[string]*block `json:"provider"`
	Resources map[string]*block `json:"resource"`
	Data      map[string]*block `json:"data"`
}

type block struct {
	Attributes map[string]*attribute `json:"attributes"`
	Blocks     map[string]*nested    `json:"blocks"`
}

type attribute struct {
	Type      json.RawMessage `json:"type"`
	Required  bool            `json:"required"`
	Optional  bool            `json:"optional"`
	Computed  bool            `json:"computed"`
	Sensitive bool            `json:"sensitive"`
}

type nested struct {
	Nesting  string `json:"nesting"`
	MinItems int64  `json:"minItems"`
	MaxItems int64  `json:"maxItems"`
	Block    *block `json:"block"`
}

func loadProvider() (*provider, error) {
	executable, err := os.Executable()
	if err != nil {
		return nil, err
	}
	real, err := filepath.EvalSymlinks(executable)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(filepath.Dir(real), "schema.json"))
	if err != nil {
		return nil, err
	}
	var file schemaFile
	if err := json.Unmarshal(text, &file); err != nil {
		return nil, fmt.Errorf("schema.json: %w", err)
	}
	// terraform-provider-google_v6.50.0
	name, _, _ := strings.Cut(strings.TrimPrefix(filepath.Base(real), "terraform-provider-"), "_")
	return &provider{name: name, file: file}, nil
}

func (b *block) schema() (*tfprotov5.Schema, error) {
	converted, err := b.convert()
	return &tfprotov5.Schema{Version: 0, Block: converted}, err
}

func (b *block) convert() (*tfprotov5.SchemaBlock, error) {
	result := &tfprotov5.SchemaBlock{}
	for _, name := range sortedKeys(b.Attributes) {
		a := b.Attributes[name]
		kind, err := tftypes.ParseJSONType(a.Type) //nolint:staticcheck // the wire's own form
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		result.Attributes = append(result.Attributes, &tfprotov5.SchemaAttribute{
			Name: name, Type: kind, Required: a.Required, Optional: a.Optional, Computed: a.Computed, Sensitive: a.Sensitive,
		})
	}
	for _, name := range sortedKeys(b.Blocks) {
		n := b.Blocks[name]
		inner, err := n.Block.convert()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		nesting := map[string]tfprotov5.SchemaNestedBlockNestingMode{
			"list":   tfprotov5.SchemaNestedBlockNestingModeList,
			"set":    tfprotov5.SchemaNestedBlockNestingModeSet,
			"single": tfprotov5.SchemaNestedBlockNestingModeSingle,
		}[n.Nesting]
		bounded := &tfprotov5.SchemaNestedBlock{TypeName: name, Block: inner, Nesting: nesting}
		if n.Nesting != "single" {
			bounded.MinItems, bounded.MaxItems = n.MinItems, n.MaxItems
		}
		result.BlockTypes = append(result.BlockTypes, bounded)
	}
	return result, nil
}

func sortedKeys[V any](values map[string]V) []string {
	keys := make([]string, 0, len(values))
	for key := range values {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}
