"""The library's broker, with what MQTT 3.1.1 asks of one and amqtt 0.12.1 does not do.

A client that falls silent is given up after one and a half keep-alives, and one whose id somebody else
takes is cut: both get their will sent. What a client said last is passed on before its end is acted on.
A subscriber gets no message with a higher QoS than it was published with, and what is retained only
where it subscribed to it.
"""

import asyncio
import math
from typing import Any

from amqtt.adapters import (  # type: ignore[import-untyped]
    ReaderAdapter,
    StreamReaderAdapter,
    StreamWriterAdapter,
    WriterAdapter,
)
from amqtt.broker import Broker  # type: ignore[import-untyped]
from amqtt.mqtt.protocol.broker_handler import BrokerProtocolHandler  # type: ignore[import-untyped]
from amqtt.session import ApplicationMessage, Session  # type: ignore[import-untyped]

_KEEP_ALIVES = 1.5


class SessionBroker(Broker):  # type: ignore[misc]
    """Like its base, but keeps the promises of a session."""

    _ending = False

    async def shutdown(self) -> None:
        self._ending = True
        await super().shutdown()

    async def stream_connected(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, listener_name: str
    ) -> None:
        await self._client_connected(listener_name, _LastWords(reader), StreamWriterAdapter(writer))

    async def _initialize_client_session(
        self, reader: ReaderAdapter, writer: WriterAdapter, remote_address: str, remote_port: int
    ) -> tuple[BrokerProtocolHandler, Session]:
        handler, session = await super()._initialize_client_session(
            reader, writer, remote_address, remote_port
        )
        session.keep_alive = math.ceil(session.keep_alive * _KEEP_ALIVES)
        handler.handle_read_timeout = lambda: _give_up(handler)
        return handler, session

    async def _delete_session(self, client_id: str) -> None:
        """Called for the id of each client that comes with a clean session: ends who had it until now."""
        session, handler = self._sessions.get(client_id, (None, None))
        if session is not None and session.transitions.is_connected():
            await handler.handle_connection_closed()
        await super()._delete_session(client_id)

    async def _cleanup_session(self, client_id: str) -> None:
        """Spares a client that came back while those that are gone were being forgotten."""
        session, _ = self._sessions.get(client_id, (None, None))
        if self._ending or (session is not None and not session.transitions.is_connected()):
            await super()._cleanup_session(client_id)

    async def _publish_retained_messages_for_subscription(
        self, subscription: tuple[str, int], session: Session
    ) -> None:
        """The library also calls it for every new client with whatever anybody subscribed to."""
        if any(each is session for each, _qos in self._subscriptions.get(subscription[0], ())):
            await super()._publish_retained_messages_for_subscription(subscription, session)

    async def _client_message_loop(self, session: Session, handler: BrokerProtocolHandler) -> None:
        gone = asyncio.ensure_future(handler.wait_disconnect())
        delivery = asyncio.ensure_future(self._deliver_all(session))
        requests = [
            asyncio.ensure_future(self._subscribe_all(session, handler)),
            asyncio.ensure_future(self._unsubscribe_all(session, handler)),
        ]
        try:
            await asyncio.wait([gone, delivery, *requests], return_when=asyncio.FIRST_COMPLETED)
            if not gone.done():
                await handler.handle_connection_closed()
            said = asyncio.ensure_future(session.delivered_message_queue.join())
            await asyncio.wait([said, delivery], return_when=asyncio.FIRST_COMPLETED)
            said.cancel()
            await asyncio.wait([gone])
            await self._handle_disconnect(session, handler, gone)
        finally:
            for task in (gone, delivery, *requests):
                task.cancel()
            await asyncio.gather(gone, delivery, *requests, return_exceptions=True)

    async def _deliver_all(self, session: Session) -> None:
        """Pass on what the client publishes, in order; returns at a topic that nobody may publish to."""
        while True:
            message = await session.delivered_message_queue.get()
            if not message.topic or message.topic.startswith("$") or set(message.topic) & set("#+"):
                return
            await self._deliver(session, message)
            session.delivered_message_queue.task_done()

    async def _deliver(self, session: Session, message: ApplicationMessage) -> None:
        await self._broadcast_message(session, message.topic, message.data, message.qos)
        if message.retain:
            await self.retain_message(session, message.topic, message.data, message.qos)

    async def _broadcast_message(
        self, session: Session | None, topic: str, data: bytes, force_qos: int | None = None
    ) -> None:
        message = _Broadcast(session=session, topic=topic, data=data)
        if force_qos is not None:
            message["qos"] = force_qos
        await self._broadcast_queue.put(message)

    async def _subscribe_all(self, session: Session, handler: BrokerProtocolHandler) -> None:
        while True:
            request = await handler.get_next_pending_subscription()
            await self._handle_subscription(session, handler, _done(request))

    async def _unsubscribe_all(self, session: Session, handler: BrokerProtocolHandler) -> None:
        while True:
            request = await handler.get_next_pending_unsubscription()
            await self._handle_unsubscription(session, handler, _done(request))


class _Broadcast(dict[str, Any]):
    """A message on its way; asked for its QoS with the subscriber's as default, it gives the lower one."""

    def get(self, key: str, default: Any = None) -> Any:
        found = super().get(key, default)
        return min(found, default) if key == "qos" and default is not None else found


class _LastWords(StreamReaderAdapter):  # type: ignore[misc]
    """At the end of a stream the library drops the packets it has read and not yet begun to handle.

    From Python 3.12 on that is everything that came in one piece with the end.
    """

    async def read(self, n: int = -1) -> bytes:
        if self._reader.at_eof():
            await asyncio.sleep(0)
        data: bytes = await super().read(n)
        return data


def _give_up(handler: BrokerProtocolHandler) -> None:
    """End the session of a silent client, in a task that the handler keeps alive."""
    handler.ending = asyncio.ensure_future(handler.handle_connection_closed())


def _done(result: Any) -> "asyncio.Future[Any]":
    future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
    future.set_result(result)
    return future
