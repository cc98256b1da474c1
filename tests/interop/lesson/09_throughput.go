// Tuned for throughput: large batches, a codec, an async producer. The block as printed, and what it leaves waiting.
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

	producer, err := sarama.NewAsyncProducer(brokers, config)
	must(err)
	give := func(count int) {
		for number := 1; number <= count; number++ {
			producer.Input() <- text(topic, number)
		}
	}

	// Without a Flush.Frequency whatever does not fill a batch waits for ever: even Close() would wait for it.
	give(500)
	fmt.Printf("500 records given, %d requests sent\n", requests(config))

	go func() {
		for {
			give(1000)
		}
	}()
	for acknowledged := 0; acknowledged < 5000; acknowledged++ {
		select {
		case <-producer.Successes():
		case err := <-producer.Errors():
			log.Fatal(err)
		}
	}
	fmt.Println("async: 5000 acknowledged")
	// What waits now is lost with this process.
	readBack(brokers, topic, config.Version, 5000)
}
