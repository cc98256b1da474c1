// The block as printed. It does not compile.
package main

import (
	"time"

	"github.com/Shopify/sarama"
)

func main() {
	config := sarama.NewConfig()
	config.Producer.Retry.Max = 3
	config.Producer.Retry.RetryBackoff = 100 * time.Millisecond
	config.Producer.Retry.MaxRetryTime = 5 * time.Second
}
