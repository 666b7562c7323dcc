import wit_world


async def run() -> int:
    writer, reader = wit_world.u32_stream()
    name_writer, name_reader = wit_world.string_future(lambda: 1)
    await wit_world.send(name_reader, reader)
    await writer.write(["one"])
    await name_writer.write(2)
    return wit_world.lookup("key")
