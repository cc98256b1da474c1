// Connecting: the block as printed, and what it finds.
package main

import (
	"fmt"
	"time"

	"github.com/Shopify/sarama"
)

func main() {
	brokers, topic := arguments()

	config := sarama.NewConfig()
	config.Net.SASL.Enable = false
	config.Net.TLS.Enable = false
	config.Net.DialTimeout = 30 * time.Second
	config.Net.ReadTimeout = 30 * time.Second
	config.Net.WriteTimeout = 30 * time.Second

	client, err := sarama.NewClient(brokers[:1], config)
	must(err)
	replicas, err := client.Replicas(topic, 0)
	must(err)
	fmt.Printf("asked one broker, and know %d; the topic has %d replicas\n", len(client.Brokers()), len(replicas))
	must(client.Close())
}
