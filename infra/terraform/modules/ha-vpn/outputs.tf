output "tunnels" {
  description = "Names of the four tunnels, once their sessions are set up."
  value       = [for tunnel in google_compute_vpn_tunnel.this : tunnel.name]
  depends_on  = [google_compute_router_peer.this]
}

output "route_policy" {
  description = "What each side tells and takes, for the rehearsal of the link."
  value = {
    google_asn   = var.google_asn
    aws_asn      = var.aws_asn
    advertised   = one([for range in google_compute_router.this.bgp[0].advertised_ip_ranges : range.range])
    accepted     = regex("^destination == '(.*)'$", google_compute_router_route_policy.import.terms[0].match[0].expression)[0]
    inside_cidrs = var.inside_cidrs
    keepalive    = google_compute_router.this.bgp[0].keepalive_interval
  }
}
