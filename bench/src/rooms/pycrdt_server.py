# pycrdt-websocket behind uvicorn, in memory. Argument: the port.
import asyncio
import sys

import uvicorn
from pycrdt.websocket import ASGIServer, WebsocketServer


async def main() -> None:
    rooms = WebsocketServer()
    config = uvicorn.Config(ASGIServer(rooms), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
    async with rooms:
        await uvicorn.Server(config).serve()


asyncio.run(main())
