// Batching: the block as printed, with an async and with a sync producer.
package main

import (
	"fmt"
	"log"
	"time"

	"github.com/Shopify/sarama"
)

func main() {
	brokers, topic := arguments()

	config := sarama.NewConfig()
	config.Producer.Return.Successes = true
	config.Producer.Flush.Frequency = 100 * time.Millisecond
	config.Producer.Flush.Bytes = 1024 * 1024 // 1 MiB
	config.Producer.Flush.Messages = 1000

	sendAsync(brokers, topic, config, 2000)
	// The three settings are triggers, not caps: whichever comes first sends what has gathered.
	if sent := requests(config); sent < 2000/10 {
		fmt.Println("async: at least ten records in a request")
	} else {
		log.Fatalf("%d requests for 2000 records", sent)
	}

	// A sync producer has only one record to send, and waits for the frequency each time.
	sendSync(brokers, topic, config, 5)
	fmt.Printf("sync: %d requests\n", requests(config))

	readBack(brokers, topic, config.Version, 2005)
}
