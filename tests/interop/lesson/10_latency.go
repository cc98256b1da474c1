// Tuned for latency: the block as printed, and what its batching costs a sync producer.
package main

import (
	"fmt"
	"time"

	"github.com/Shopify/sarama"
)

func main() {
	brokers, topic := arguments()

	config := sarama.NewConfig()
	config.Producer.Return.Successes = true
	config.Producer.Flush.Bytes = 1024 // 1 KiB
	config.Producer.Flush.Messages = 10
	config.Producer.Flush.Frequency = 10 * time.Millisecond

	// One record never fills ten: each send waits for the frequency. Without the three settings it would leave at once.
	began := time.Now()
	sendSync(brokers, topic, config, 20)
	if time.Since(began) >= 20*config.Producer.Flush.Frequency {
		fmt.Println("sync: each send waited for Flush.Frequency")
	}
	fmt.Printf("sync: %d requests\n", requests(config))
	readBack(brokers, topic, config.Version, 20)
}
