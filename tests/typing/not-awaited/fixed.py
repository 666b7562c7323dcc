import wit_world


async def run() -> int:
    writer, reader = wit_world.u32_stream()
    name_writer, name_reader = wit_world.string_future(lambda: "default")
    await wit_world.send(reader, name_reader)
    await writer.write([1])
    await name_writer.write("two")
    return await wit_world.lookup("key")
