# Static records of the other cloud's address: no resolver endpoints, which cost more than the rest of the names together.
resource "aws_route53_zone" "this" {
  name = var.name

  vpc {
    vpc_id = var.vpc_id
  }
}

resource "aws_route53_record" "this" {
  for_each = var.addresses
  zone_id  = aws_route53_zone.this.zone_id
  name     = "${each.key}.${var.name}"
  type     = "A"
  ttl      = 60
  records  = [each.value]
}
