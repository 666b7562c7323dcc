def app(scope):
    async def respond(receive, send):
        pass

    return respond
