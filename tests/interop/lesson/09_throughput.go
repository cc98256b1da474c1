// Tuned for throughput: large batches, a codec, an async producer. The block as printed.
package main

import (
	"fmt"
	"log"

	"github.com/Shopify/sarama"
)

func main() {
	brokers, topic := arguments()

	config := sarama.NewConfig()
	config.Producer.Return.Successes = true
	config.Producer.Flush.Bytes = 1024 * 1024 // 1 MiB
	config.Producer.Flush.Messages = 1000
	config.Producer.Compression = sarama.CompressionSnappy

	// There is no Flush.Frequency here, so what does not fill a batch waits for the end: the count is a multiple of Flush.Messages.
	sendAsync(brokers, topic, config, 5000)
	if sent := requests(config); sent > 5 {
		log.Fatalf("%d requests for 5000 records", sent)
	}
	fmt.Println("async: at least a thousand records in a request")
	readBack(brokers, topic, config.Version, 5000)
}
