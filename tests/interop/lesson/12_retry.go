// Retries: the block with the fields' real names, against a partition that has too few in-sync replicas for acks=all.
package main

import (
	"fmt"
	"time"

	"github.com/Shopify/sarama"
)

func main() {
	brokers, topic := arguments()
	topic += ".too-few-replicas"

	config := sarama.NewConfig()
	config.Producer.Return.Successes = true
	config.Producer.RequiredAcks = sarama.WaitForAll

	config.Producer.Retry.Max = 3
	config.Producer.Retry.Backoff = 100 * time.Millisecond // the lesson: RetryBackoff
	// The lesson's MaxRetryTime has no counterpart: in sarama a record's time is Retry.Max times the backoff and the answers' time.

	producer, err := sarama.NewSyncProducer(brokers, config)
	must(err)
	_, _, err = producer.SendMessage(text(topic, 1))
	fmt.Printf("%d requests, then: %v\n", requests(config), err)
	must(producer.Close())
}
