// Idempotence: the block with the field's real name, with what sarama demands besides, and with what it does not promise.
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

	config.Producer.Idempotent = true
	config.Producer.RequiredAcks = sarama.WaitForAll
	config.Producer.Retry.Max = 3
	config.Producer.Retry.Backoff = 100 * time.Millisecond // the lesson: RetryBackoff

	fmt.Println(config.Validate())
	config.Version = sarama.V2_2_0_0 // sarama does not ask the broker
	fmt.Println(config.Validate())
	config.Net.MaxOpenRequests = 1 // sarama's own rule; Kafka's producer may have five requests in flight
	fmt.Println(config.Validate())

	// "Same message sent twice won't be duplicated" holds for what the producer itself sends again. An application that sends twice has two
	// records: each send takes the next sequence number.
	producer, err := sarama.NewSyncProducer(brokers, config)
	must(err)
	for again := 0; again < 10; again++ {
		_, _, err := producer.SendMessage(text(topic, 1))
		must(err)
	}
	must(producer.Close())
	fmt.Println("the same message sent 10 times")
	readBack(brokers, topic, config.Version, 10)
}
