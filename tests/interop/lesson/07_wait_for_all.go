// acks=all: the leader answers when all in-sync replicas have the record. The block as printed.
package main

import (
	"fmt"

	"github.com/Shopify/sarama"
)

func main() {
	brokers, topic := arguments()

	config := sarama.NewConfig()
	config.Producer.Return.Successes = true
	config.Producer.RequiredAcks = sarama.WaitForAll

	last := sendSync(brokers, topic, config, 100)
	fmt.Printf("the last answer told offset %d\n", last)
	readBack(brokers, topic, config.Version, 100)
}
