// Tuned for memory: smaller batches, and a bound on what waits.
package main

import (
	"time"

	"github.com/Shopify/sarama"
)

func main() {
	brokers, topic := arguments()

	config := sarama.NewConfig()
	config.Producer.Return.Successes = true
	config.Producer.Flush.Bytes = 512 * 1024 // 512 KiB
	config.Producer.Flush.Messages = 500
	config.ChannelBufferSize = 256 // the lesson: Producer.Flush.BufferSize

	// 500 is a trigger: without a frequency the last 200 records would wait for more.
	config.Producer.Flush.Frequency = 100 * time.Millisecond

	sendAsync(brokers, topic, config, 1200)
	readBack(brokers, topic, config.Version, 1200)
}
