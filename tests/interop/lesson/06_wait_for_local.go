// acks=1: the leader answers when it has appended. The block as printed.
package main

import (
	"fmt"

	"github.com/Shopify/sarama"
)

func main() {
	brokers, topic := arguments()

	config := sarama.NewConfig()
	config.Producer.Return.Successes = true
	config.Producer.RequiredAcks = sarama.WaitForLocal

	last := sendSync(brokers, topic, config, 100)
	fmt.Printf("the last answer told offset %d\n", last)
	readBack(brokers, topic, config.Version, 100)
}
