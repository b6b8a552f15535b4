variable "name" {
  description = "The zone, which no public resolver knows."
  type        = string
  default     = "isthmus.internal"

  validation {
    condition     = endswith(var.name, ".internal")
    error_message = "name ends with .internal, which is reserved for private use: another could be somebody's."
  }
}

variable "vpc_id" {
  description = "VPC that resolves the zone."
  type        = string
}

variable "addresses" {
  description = "Names of the zone and their addresses."
  type        = map(string)

  validation {
    condition     = alltrue([for address in values(var.addresses) : can(cidrhost("${address}/32", 0))])
    error_message = "addresses are IPv4 addresses by name: { weaviate = \"10.10.16.10\" }."
  }
}
