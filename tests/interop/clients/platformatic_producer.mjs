// One of the producers that README.md describes: @platformatic/kafka.
import { createRequire } from 'node:module'

// The client lies in the build directory, where only require() looks (NODE_PATH).
const { Producer, ProduceAcks, stringSerializers } = createRequire(import.meta.url)('@platformatic/kafka')

const [bootstrap, topic, records, pauseMs, idempotent] = process.argv.slice(2)
const producer = new Producer({
  clientId: 'platformatic',
  bootstrapBrokers: bootstrap.split(','),
  serializers: stringSerializers,
  idempotent: idempotent === 'yes',
  timeout: 1000,
  connectTimeout: 1000,
  requestTimeout: 1000,
  retries: 1000,
  retryDelay: 100
})

async function send(numbers) {
  const messages = numbers.map(number => ({ topic, partition: 0, value: `r-${String(number).padStart(6, '0')}` }))
  try {
    const { offsets } = await producer.send({ messages, acks: ProduceAcks.ALL })
    numbers.forEach((number, i) => console.log('acked', number, Number(offsets[0].offset) + i))
  } catch (error) {
    numbers.forEach(number => console.log('unknown', number, error.message.replaceAll('\n', ' ')))
  }
}

// One send at a time: version 1.35.0 ends with "TypeError: op is not a function" when a connection closes under several that wait.
const batch = 5
for (let first = 1; first <= records; first += batch) {
  await send(Array.from({ length: Math.min(batch, records - first + 1) }, (_, i) => first + i))
  await new Promise(resolve => setTimeout(resolve, batch * pauseMs))
}
await producer.close()
console.log('done')
