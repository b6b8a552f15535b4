package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-go/tfprotov5"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

type provider struct {
	tfprotov5.ProviderServer
	name string
	file schemaFile
}

// Blocks that the cloud fills in where the configuration leaves them out; a plan shows them as unknown.
var filledBlocks = map[string]map[string]bool{
	"google_compute_ha_vpn_gateway": {"vpn_interfaces": true},
}

// A change of these makes another object of it.
var replacing = []string{"name", "location", "region", "ip_cidr_range", "cidr_block", "bucket", "account_id", "secret_id"}

func (p *provider) GetMetadata(context.Context, *tfprotov5.GetMetadataRequest) (*tfprotov5.GetMetadataResponse, error) {
	response := &tfprotov5.GetMetadataResponse{ServerCapabilities: &tfprotov5.ServerCapabilities{}}
	for _, name := range sortedKeys(p.file.Resources) {
		response.Resources = append(response.Resources, tfprotov5.ResourceMetadata{TypeName: name})
	}
	for _, name := range sortedKeys(p.file.Data) {
		response.DataSources = append(response.DataSources, tfprotov5.DataSourceMetadata{TypeName: name})
	}
	return response, nil
}

func (p *provider) GetProviderSchema(context.Context, *tfprotov5.GetProviderSchemaRequest) (*tfprotov5.GetProviderSchemaResponse, error) {
	schema, err := p.file.Provider[p.name].schema()
	if err != nil {
		return nil, err
	}
	resources, err := schemas(p.file.Resources)
	if err != nil {
		return nil, err
	}
	data, err := schemas(p.file.Data)
	if err != nil {
		return nil, err
	}
	return &tfprotov5.GetProviderSchemaResponse{Provider: schema, ResourceSchemas: resources, DataSourceSchemas: data}, nil
}

func schemas(blocks map[string]*block) (map[string]*tfprotov5.Schema, error) {
	result := map[string]*tfprotov5.Schema{}
	for name, b := range blocks {
		schema, err := b.schema()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		result[name] = schema
	}
	return result, nil
}

func (p *provider) PrepareProviderConfig(_ context.Context, r *tfprotov5.PrepareProviderConfigRequest) (*tfprotov5.PrepareProviderConfigResponse, error) {
	return &tfprotov5.PrepareProviderConfigResponse{PreparedConfig: r.Config}, nil
}

func (p *provider) ConfigureProvider(context.Context, *tfprotov5.ConfigureProviderRequest) (*tfprotov5.ConfigureProviderResponse, error) {
	return &tfprotov5.ConfigureProviderResponse{}, nil
}

func (p *provider) StopProvider(context.Context, *tfprotov5.StopProviderRequest) (*tfprotov5.StopProviderResponse, error) {
	return &tfprotov5.StopProviderResponse{}, nil
}

// Terraform itself checks types and what is required; that nobody sets what the cloud alone decides is the provider's to check.
func (p *provider) ValidateResourceTypeConfig(_ context.Context, r *tfprotov5.ValidateResourceTypeConfigRequest) (*tfprotov5.ValidateResourceTypeConfigResponse, error) {
	kind, err := p.typeOf(r.TypeName)
	if err != nil {
		return nil, err
	}
	config, err := r.Config.Unmarshal(kind)
	if err != nil {
		return nil, err
	}
	fields := map[string]tftypes.Value{}
	if err := config.As(&fields); err != nil {
		return nil, err
	}
	response := &tfprotov5.ValidateResourceTypeConfigResponse{}
	for _, name := range sortedKeys(p.file.Resources[r.TypeName].Attributes) {
		a := p.file.Resources[r.TypeName].Attributes[name]
		if a.Computed && !a.Optional && !fields[name].IsNull() {
			response.Diagnostics = append(response.Diagnostics, &tfprotov5.Diagnostic{
				Severity:  tfprotov5.DiagnosticSeverityError,
				Summary:   "Value for unconfigurable attribute",
				Detail:    fmt.Sprintf("%q is decided by the cloud.", name),
				Attribute: tftypes.NewAttributePath().WithAttributeName(name),
			})
		}
	}
	return response, nil
}

func (p *provider) ValidateDataSourceConfig(context.Context, *tfprotov5.ValidateDataSourceConfigRequest) (*tfprotov5.ValidateDataSourceConfigResponse, error) {
	return &tfprotov5.ValidateDataSourceConfigResponse{}, nil
}

func (p *provider) UpgradeResourceState(_ context.Context, r *tfprotov5.UpgradeResourceStateRequest) (*tfprotov5.UpgradeResourceStateResponse, error) {
	kind, err := p.typeOf(r.TypeName)
	if err != nil {
		return nil, err
	}
	value, err := r.RawState.Unmarshal(kind)
	if err != nil {
		return nil, err
	}
	state, err := dynamic(kind, value)
	return &tfprotov5.UpgradeResourceStateResponse{UpgradedState: state}, err
}

func (p *provider) ReadResource(_ context.Context, r *tfprotov5.ReadResourceRequest) (*tfprotov5.ReadResourceResponse, error) {
	return &tfprotov5.ReadResourceResponse{NewState: r.CurrentState, Private: r.Private}, nil
}

func (p *provider) PlanResourceChange(_ context.Context, r *tfprotov5.PlanResourceChangeRequest) (*tfprotov5.PlanResourceChangeResponse, error) {
	kind, err := p.typeOf(r.TypeName)
	if err != nil {
		return nil, err
	}
	proposed, err := r.ProposedNewState.Unmarshal(kind)
	if err != nil {
		return nil, err
	}
	if proposed.IsNull() {
		return &tfprotov5.PlanResourceChangeResponse{PlannedState: r.ProposedNewState}, nil
	}
	prior, err := r.PriorState.Unmarshal(kind)
	if err != nil {
		return nil, err
	}
	planned, err := p.file.Resources[r.TypeName].markUnknown(proposed, filledBlocks[r.TypeName])
	if err != nil {
		return nil, err
	}
	state, err := dynamic(kind, planned)
	return &tfprotov5.PlanResourceChangeResponse{
		PlannedState: state, RequiresReplace: changed(prior, proposed),
		// As the clouds' own providers: what they fill in may differ from what the configuration says.
		UnsafeToUseLegacyTypeSystem: true,
	}, err
}

func changed(prior, proposed tftypes.Value) []*tftypes.AttributePath {
	before, after := map[string]tftypes.Value{}, map[string]tftypes.Value{}
	if prior.IsNull() || prior.As(&before) != nil || proposed.As(&after) != nil {
		return nil
	}
	paths := []*tftypes.AttributePath{}
	for _, name := range replacing {
		if one, there := before[name]; there && !one.Equal(after[name]) {
			paths = append(paths, tftypes.NewAttributePath().WithAttributeName(name))
		}
	}
	return paths
}

func (p *provider) ApplyResourceChange(_ context.Context, r *tfprotov5.ApplyResourceChangeRequest) (*tfprotov5.ApplyResourceChangeResponse, error) {
	kind, err := p.typeOf(r.TypeName)
	if err != nil {
		return nil, err
	}
	planned, err := r.PlannedState.Unmarshal(kind)
	if err != nil {
		return nil, err
	}
	if planned.IsNull() {
		return &tfprotov5.ApplyResourceChangeResponse{NewState: r.PlannedState}, nil
	}
	made, err := fill(planned, r.TypeName+"/"+labelOf(planned))
	if err != nil {
		return nil, err
	}
	state, err := dynamic(kind, made)
	return &tfprotov5.ApplyResourceChangeResponse{NewState: state, UnsafeToUseLegacyTypeSystem: true}, err
}

func (p *provider) ReadDataSource(_ context.Context, r *tfprotov5.ReadDataSourceRequest) (*tfprotov5.ReadDataSourceResponse, error) {
	b, known := p.file.Data[r.TypeName]
	if !known {
		return nil, fmt.Errorf("no data source %s", r.TypeName)
	}
	schema, err := b.schema()
	if err != nil {
		return nil, err
	}
	kind := schema.ValueType()
	config, err := r.Config.Unmarshal(kind)
	if err != nil {
		return nil, err
	}
	marked, err := b.markUnknown(config, nil)
	if err != nil {
		return nil, err
	}
	made, err := fill(marked, r.TypeName+"/"+labelOf(config))
	if err != nil {
		return nil, err
	}
	state, err := dynamic(kind, made)
	return &tfprotov5.ReadDataSourceResponse{State: state}, err
}

// Newer versions of Terraform ask for these, and take none for an answer.
func (p *provider) GetResourceIdentitySchemas(context.Context, *tfprotov5.GetResourceIdentitySchemasRequest) (*tfprotov5.GetResourceIdentitySchemasResponse, error) {
	return &tfprotov5.GetResourceIdentitySchemasResponse{}, nil
}

func (p *provider) ImportResourceState(context.Context, *tfprotov5.ImportResourceStateRequest) (*tfprotov5.ImportResourceStateResponse, error) {
	return nil, errors.New("the schema-only provider knows no cloud to import from")
}

func (p *provider) typeOf(resource string) (tftypes.Type, error) {
	b, known := p.file.Resources[resource]
	if !known {
		return nil, fmt.Errorf("no resource %s", resource)
	}
	schema, err := b.schema()
	if err != nil {
		return nil, err
	}
	return schema.ValueType(), nil
}

// labelOf is what tells one object of a kind from the next: its name, or else a hash of all that is known of it.
func labelOf(value tftypes.Value) string {
	fields := map[string]tftypes.Value{}
	if value.As(&fields) != nil {
		return ""
	}
	for _, name := range []string{"name", "account_id", "secret_id", "repository_id", "bucket"} {
		var label string
		if one, there := fields[name]; there && one.IsKnown() && !one.IsNull() && one.As(&label) == nil {
			return label
		}
	}
	return shortHash(value.String())
}

func dynamic(kind tftypes.Type, value tftypes.Value) (*tfprotov5.DynamicValue, error) {
	encoded, err := tfprotov5.NewDynamicValue(kind, value)
	return &encoded, err
}
