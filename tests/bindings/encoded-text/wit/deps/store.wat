(component
  (type
    (component
      (type
        (instance
          (type (func (param "key" string) (result string)))
          (export "get" (func (type 0)))
        )
      )
      (export "test:encoded/store@1.0.0" (instance (type 0)))
    )
  )
  (export "store" (type 0))
)
