# Alarms of the query function and its API are sent here. The messages hold names and numbers; CloudWatch may not use AWS's own key for
# SNS, so one of ours would be needed to encrypt them.
resource "aws_sns_topic" "this" {
  name = "isthmus-alarms"
}

# Each address gets a message with a link that it must follow once.
resource "aws_sns_topic_subscription" "email" {
  for_each  = toset(var.emails)
  topic_arn = aws_sns_topic.this.arn
  protocol  = "email"
  endpoint  = each.value
}
