output "tunnels" {
  description = "Names of the four tunnels: gcloud compute vpn-tunnels describe NAME --region REGION."
  value       = module.link.tunnels
}
