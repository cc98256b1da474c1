// The block as printed. It does not compile.
package main

import "github.com/Shopify/sarama"

func main() {
	config := sarama.NewConfig()
	config.Producer.Flush.Bytes = 512 * 1024
	config.Producer.Flush.Messages = 500
	config.Producer.Flush.BufferSize = 256
}
