output "tunnels" {
  description = "Names of the four tunnels, where there are any: gcloud compute vpn-tunnels describe NAME --region REGION."
  value       = flatten(module.link[*].tunnels)
}

output "interconnect" {
  description = "Stack that holds AWS's end of the interconnect; null where the VPN alone joins the clouds."
  value       = one(module.interconnect[*].connection)
}

output "transport" {
  description = "Google's end of the interconnect; null where the VPN alone joins the clouds."
  value       = one(module.interconnect[*].transport)
}
