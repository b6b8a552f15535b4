package main

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/big"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// markUnknown gives what the cloud fills in, and the configuration leaves open, the value "known after apply".
func (b *block) markUnknown(value tftypes.Value, forced map[string]bool) (tftypes.Value, error) {
	if value.IsNull() || !value.IsKnown() {
		return value, nil
	}
	fields := map[string]tftypes.Value{}
	if err := value.As(&fields); err != nil {
		return value, err
	}
	for name, a := range b.Attributes {
		if a.Computed && fields[name].IsNull() {
			fields[name] = tftypes.NewValue(fields[name].Type(), tftypes.UnknownValue)
		}
	}
	for name, n := range b.Blocks {
		marked, err := n.each(fields[name], func(one tftypes.Value) (tftypes.Value, error) {
			return n.Block.markUnknown(one, nil)
		})
		if err != nil {
			return value, err
		}
		if forced[name] && isEmpty(marked) {
			marked = tftypes.NewValue(marked.Type(), tftypes.UnknownValue)
		}
		fields[name] = marked
	}
	return tftypes.NewValue(value.Type(), fields), nil
}

func (n *nested) each(value tftypes.Value, change func(tftypes.Value) (tftypes.Value, error)) (tftypes.Value, error) {
	if value.IsNull() || !value.IsKnown() {
		return value, nil
	}
	if n.Nesting == "single" {
		return change(value)
	}
	var elements []tftypes.Value
	if err := value.As(&elements); err != nil {
		return value, err
	}
	for index, element := range elements {
		changed, err := change(element)
		if err != nil {
			return value, err
		}
		elements[index] = changed
	}
	return tftypes.NewValue(value.Type(), elements), nil
}

func isEmpty(value tftypes.Value) bool {
	if value.IsNull() {
		return true
	}
	var elements []tftypes.Value
	return value.IsKnown() && value.As(&elements) == nil && len(elements) == 0
}

// fill turns every unknown value into one that the cloud might give: the same for the same object, another for another.
func fill(value tftypes.Value, object string) (tftypes.Value, error) {
	return tftypes.Transform(value, func(path *tftypes.AttributePath, v tftypes.Value) (tftypes.Value, error) {
		if v.IsKnown() {
			return v, nil
		}
		return plausible(v.Type(), object, path.String(), lastName(path)), nil
	})
}

func shortHash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])[:12]
}

func lastName(path *tftypes.AttributePath) string {
	name := ""
	for _, step := range path.Steps() {
		if attribute, ok := step.(tftypes.AttributeName); ok {
			name = string(attribute)
		}
	}
	return name
}

func plausible(kind tftypes.Type, object, path, name string) tftypes.Value {
	sum := sha256.Sum256([]byte(object + " " + path))
	digest := hex.EncodeToString(sum[:])
	switch {
	case kind.Is(tftypes.String):
		return tftypes.NewValue(kind, plausibleString(object, name, digest, sum))
	case kind.Is(tftypes.Number):
		return tftypes.NewValue(kind, big.NewFloat(float64(sum[0])))
	case kind.Is(tftypes.Bool):
		return tftypes.NewValue(kind, false)
	case kind.Is(tftypes.Object{}):
		fields := map[string]tftypes.Value{}
		for field, fieldType := range kind.(tftypes.Object).AttributeTypes {
			fields[field] = plausible(fieldType, object, path+"."+field, field)
		}
		return tftypes.NewValue(kind, fields)
	case kind.Is(tftypes.List{}):
		element := kind.(tftypes.List).ElementType
		elements := []tftypes.Value{}
		for index := range 2 {
			elements = append(elements, plausible(element, object, fmt.Sprintf("%s[%d]", path, index), name))
		}
		return tftypes.NewValue(kind, elements)
	case kind.Is(tftypes.Map{}):
		return tftypes.NewValue(kind, map[string]tftypes.Value{})
	default:
		return tftypes.NewValue(kind, []tftypes.Value{})
	}
}

// object is "google_compute_network/isthmus".
func plausibleString(object, name, digest string, sum [32]byte) string {
	kind, label, _ := strings.Cut(object, "/")
	address := fmt.Sprintf("203.0.113.%d", 1+int(sum[0])%254)
	switch {
	case kind == "google_service_account" && name == "email":
		return label + "@example-project.iam.gserviceaccount.com"
	case kind == "google_service_account" && name == "member":
		return "serviceAccount:" + label + "@example-project.iam.gserviceaccount.com"
	case name == "arn" || strings.HasSuffix(name, "_arn"):
		return "arn:aws:echo:us-east-1:000000000000:" + object
	case name == "project":
		return "example-project"
	case name == "region":
		return map[bool]string{true: "us-east-1", false: "us-east4"}[strings.HasPrefix(kind, "aws_")]
	case name == "self_link":
		return "https://www.googleapis.com/echo/" + object
	case name == "number" || name == "account_id":
		return "000000000000"
	case strings.HasSuffix(name, "inside_address"):
		return fmt.Sprintf("169.254.%d.%d", sum[0], sum[1])
	case strings.Contains(name, "ip_address") || strings.HasSuffix(name, "_address") || name == "address":
		return address
	case name == "endpoint":
		return digest[:12] + ".endpoint.invalid"
	case strings.Contains(name, "cidr"):
		return fmt.Sprintf("10.%d.%d.0/24", sum[0], sum[1])
	case name == "id" && strings.HasPrefix(kind, "aws_"):
		return strings.ReplaceAll(strings.TrimPrefix(kind, "aws_"), "_", "-") + "-" + digest[:17]
	case name == "id":
		return "projects/example-project/" + object
	default:
		return digest[:24]
	}
}
