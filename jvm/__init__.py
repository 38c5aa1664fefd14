"""The JVM parts: Java, the jars that the poms beside this file pin, and a local Spark with Delta made of them."""
