// acks=0: nobody answers, so the offset of an "acknowledged" record is not known. The block as printed.
package main

import (
	"fmt"

	"github.com/Shopify/sarama"
)

func main() {
	brokers, topic := arguments()

	config := sarama.NewConfig()
	config.Producer.Return.Successes = true
	config.Producer.RequiredAcks = sarama.NoResponse

	last := sendSync(brokers, topic, config, 100)
	fmt.Printf("the last answer told offset %d\n", last)
	readBack(brokers, topic, config.Version, 100)
}
