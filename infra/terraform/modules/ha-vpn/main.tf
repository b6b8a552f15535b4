locals {
  # Google's interface 0 takes AWS's addresses 0 and 1, interface 1 takes 2 and 3: only so do four tunnels give 99.99 %.
  tunnels = {
    for index in range(4) : tostring(index) => {
      google_interface = floor(index / 2)
      aws_connection   = floor(index / 2)
      aws_tunnel       = index % 2 + 1
      inside_cidr      = var.inside_cidrs[index]
    }
  }
  connections = {
    for connection in range(2) : tostring(connection) => {
      address = google_compute_ha_vpn_gateway.this.vpn_interfaces[connection].ip_address
      inside  = [var.inside_cidrs[connection * 2], var.inside_cidrs[connection * 2 + 1]]
    }
  }
  aws_tunnels = {
    for index, tunnel in local.tunnels : index => (
      tunnel.aws_tunnel == 1 ? {
        address = aws_vpn_connection.this[tunnel.aws_connection].tunnel1_address
        secret  = aws_vpn_connection.this[tunnel.aws_connection].tunnel1_preshared_key
        } : {
        address = aws_vpn_connection.this[tunnel.aws_connection].tunnel2_address
        secret  = aws_vpn_connection.this[tunnel.aws_connection].tunnel2_preshared_key
      }
    )
  }
}
