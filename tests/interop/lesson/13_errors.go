// Errors: the block with the two functions that it leaves to the reader, against a partition whose error passes and one whose does not.
package main

import (
	"fmt"
	"log"
	"os"

	"github.com/Shopify/sarama"
)

// retriableError tells whether the same record may be taken later. A broker's error code says so (Kafka: RetriableException).
func retriableError(err error) bool {
	switch err {
	case sarama.ErrNotEnoughReplicas, sarama.ErrNotEnoughReplicasAfterAppend, sarama.ErrNotLeaderForPartition,
		sarama.ErrLeaderNotAvailable, sarama.ErrRequestTimedOut, sarama.ErrNetworkException, sarama.ErrUnknownTopicOrPartition:
		return true
	}
	return false
}

func main() {
	log.SetOutput(os.Stdout)
	brokers, topic := arguments()

	config := sarama.NewConfig()
	config.Producer.Return.Successes = true
	config.Producer.RequiredAcks = sarama.WaitForAll
	config.Producer.Retry.Max = 0 // so that the retries below are the program's own

	message := text(topic+".too-few-replicas", 1)
	tooLarge := text(topic+".small-records", 1)

	sync(brokers, config, message)
	sync(brokers, config, tooLarge)
	async(brokers, config, message, tooLarge)
}

func sync(brokers []string, config *sarama.Config, message *sarama.ProducerMessage) {
	producer, err := sarama.NewSyncProducer(brokers, config)
	must(err)
	retryMessage := func(message *sarama.ProducerMessage) {
		_, _, err := producer.SendMessage(message)
		fmt.Printf("sync, once more: %v\n", err)
	}

	_, _, err = producer.SendMessage(message)
	if err != nil {
		if retriableError(err) {
			retryMessage(message)
		} else {
			log.Printf("sync, non-retriable: %v", err)
		}
	}
	must(producer.Close())
}

func async(brokers []string, config *sarama.Config, messages ...*sarama.ProducerMessage) {
	producer, err := sarama.NewAsyncProducer(brokers, config)
	must(err)
	unfinished := len(messages)
	finished := make(chan struct{})
	finish := func() {
		if unfinished--; unfinished == 0 {
			close(finished)
		}
	}
	// Without a bound this would go on for ever. Whoever sends from here must not wait: nobody else empties Errors().
	retries := make(map[*sarama.ProducerMessage]int)
	retryMessage := func(message *sarama.ProducerMessage) {
		if retries[message]++; retries[message] > 2 {
			log.Printf("async, given up after %d retries", retries[message]-1)
			finish()
			return
		}
		go func() { producer.Input() <- message }()
	}

	go func() {
		for err := range producer.Errors() {
			if retriableError(err.Err) {
				retryMessage(err.Msg)
			} else {
				log.Printf("async, non-retriable: %v", err.Err)
				finish()
			}
		}
	}()
	for _, message := range messages {
		producer.Input() <- message
	}
	<-finished
	producer.AsyncClose()
	for range producer.Successes() {
	}
}
